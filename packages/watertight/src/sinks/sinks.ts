import type { SinkAnswer, SinkAnswerer } from "./answer.ts";
import { startHttpSink } from "./http-sink.ts";
import { startProxySink } from "./proxy-sink.ts";
import type { Sink, SinkKind, SinkMessage } from "./sink.ts";
import { SinkLog } from "./sink-log.ts";
import { startSmtpSink } from "./smtp-sink.ts";
import { startTcpSink } from "./tcp-sink.ts";

/** A sink to start. */
export interface SinkOptions {
  readonly name: string;
  readonly kind: SinkKind;
  /** For the target; `{url}`, `{host}` and `{port}` become the sink's. */
  readonly env: Readonly<Record<string, string>>;
  readonly batches: boolean;
  readonly answer?: SinkAnswer | SinkAnswerer | undefined;
  /** Of a proxy. */
  readonly forward: boolean;
}

/** The sinks of a run, on ports of 127.0.0.1 that were free. */
export class Sinks implements AsyncDisposable {
  readonly #sinks: { readonly sink: Sink; readonly options: SinkOptions }[] = [];
  readonly #listeners = new Set<(message: SinkMessage) => void>();

  private constructor() {}

  /** Starts all of them. What had been started is closed if one can't be. */
  static async start(all: readonly SinkOptions[]): Promise<Sinks> {
    const sinks = new Sinks();
    try {
      for (const options of all) {
        sinks.#sinks.push({ sink: await sinks.#start(options), options });
      }
      return sinks;
    } catch (error) {
      await sinks[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where each can be reached, by name. */
  get places(): ReadonlyMap<string, Pick<Sink, "url" | "host" | "port">> {
    return new Map(this.#sinks.map(({ sink }) => [sink.name, sink]));
  }

  /** What the target must be told of them. */
  get env(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.#sinks.flatMap(({ sink, options }) =>
        Object.entries(options.env).map(([key, value]) => [key, withPlace(value, sink)]),
      ),
    );
  }

  /** What arrived since it was asked last; of each sink in order. */
  take(): readonly SinkMessage[] {
    return this.#sinks.flatMap(({ sink }) => sink.take());
  }

  /** Calls `listener` with each message as it arrives; of `tcp`, when it is taken. Answers how to stop it. */
  onMessage(listener: (message: SinkMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** What was not recorded, a sentence each. */
  get gaps(): readonly string[] {
    return this.#sinks.flatMap(({ sink }) => sink.gaps);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sinks.map(({ sink }) => sink[Symbol.asyncDispose]()));
  }

  #start({ name, kind, batches, answer, forward }: SinkOptions): Promise<Sink> {
    const onMessage = (message: SinkMessage): void => {
      for (const listener of this.#listeners) listener(message);
    };
    const log = new SinkLog({ sink: name, batches, onMessage });
    if (kind === "smtp") return startSmtpSink({ name, log });
    if (kind === "tcp") return startTcpSink({ name, log, batches });
    if (kind === "proxy") return startProxySink({ name, log, answer, forward });
    return startHttpSink({ name, log, answer });
  }
}

function withPlace(value: string, { url, host, port }: Sink): string {
  const fields: Readonly<Record<string, string>> = { url, host, port: String(port) };
  return value.replaceAll(/\{(url|host|port)\}/g, (_text, field: string) => fields[field] ?? "");
}
