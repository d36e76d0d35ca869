import type { SinkMessage } from "../../src/sinks/sink.ts";
import { type SinkOptions, Sinks } from "../../src/sinks/sinks.ts";

/** One sink that runs, under the name `there`. */
export interface Running extends AsyncDisposable {
  readonly sinks: Sinks;
  readonly url: string;
  readonly port: number;
  /** What it was sent since it was asked last. */
  readonly take: () => readonly SinkMessage[];
}

/** Starts one sink. */
export async function startOne(options: Partial<SinkOptions>): Promise<Running> {
  const rest = { name: "there", kind: "http", env: {}, batches: false, forward: false } as const;
  const sinks = await Sinks.start([{ ...rest, ...options }]);
  const { url = "", port = 0 } = sinks.places.get("there") ?? {};
  return {
    sinks,
    url,
    port,
    take: () => sinks.take(),
    [Symbol.asyncDispose]: () => sinks[Symbol.asyncDispose](),
  };
}

export function textOf(message: SinkMessage | undefined): string {
  return message?.bytes.toString("utf8") ?? "";
}
