import type { HttpAnswer, Received } from "../received.ts";
import type { OpenAnswer } from "./exchange.ts";
import { findReceived } from "./find-received.ts";

export interface UserStreamOptions {
  readonly connection: string;
  readonly open: OpenAnswer;
  readonly record: (connection: string, bytes: Buffer, answer?: HttpAnswer) => Received;
  readonly stir: () => void;
}

/** One event of an event stream. */
export interface StreamEvent {
  readonly type: string;
  readonly id: string | undefined;
  readonly data: string;
}

type Listener = (received: Received) => void;

/** An event stream that stays open; each event is recorded as it comes, as bytes. */
export class UserStream {
  readonly connection: string;
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Resolves when the stream has ended, by whomever. */
  readonly ended: Promise<void>;
  readonly #options: UserStreamOptions;
  readonly #received: Received[] = [];
  readonly #listeners = new Set<Listener>();
  #rest = Buffer.alloc(0);
  #isOver = false;

  constructor(options: UserStreamOptions) {
    const { open, connection } = options;
    this.#options = options;
    this.connection = connection;
    this.status = open.status;
    this.headers = new Map(open.headers.map(([name, value]) => [name.toLowerCase(), value]));
    this.ended = this.#read();
  }

  /** All that has arrived so far, in order; the head of the answer is not among it. */
  get received(): readonly Received[] {
    return this.#received;
  }

  get isOpen(): boolean {
    return !this.#isOver;
  }

  /** Calls `listener` for everything that arrives from now on; the answer unregisters it. */
  onReceived(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves with the first piece, past or future, that `matches`; rejects when the stream ends or `signal` is aborted. */
  async find(matches: (received: Received) => boolean, signal: AbortSignal): Promise<Received> {
    const explain = (): string => `${this.connection}: the expected event never came`;
    return findReceived(this, matches, { signal, ended: this.ended, explain });
  }

  /** Stops listening, and ends the line. */
  async close(): Promise<void> {
    this.#options.open.hangUp();
    await this.ended;
  }

  async #read(): Promise<void> {
    try {
      for await (const chunk of this.#options.open.chunks) {
        this.#options.stir();
        this.#take(chunk);
      }
    } catch {
      // Cut off, by either side: what came is recorded.
    } finally {
      this.#isOver = true;
      if (this.#rest.length > 0) this.#receive(this.#rest);
    }
  }

  /** An event ends with an empty line, whichever of the three line ends a server prefers. */
  #take(chunk: Buffer): void {
    const text = Buffer.concat([this.#rest, chunk]).toString("latin1");
    const parts = text.split(/\r\n\r\n|\n\n|\r\r/);
    this.#rest = Buffer.from(parts.pop() ?? "", "latin1");
    for (const part of parts) this.#receive(Buffer.from(part, "latin1"));
  }

  #receive(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const received = this.#options.record(this.connection, bytes);
    this.#received.push(received);
    for (const listener of Array.from(this.#listeners)) listener(received);
  }
}

/** Reads a piece of an event stream (WHATWG HTML, section 9.2.6); a comment has no data. */
export function readStreamEvent({ bytes }: Pick<Received, "bytes">): StreamEvent {
  const fields = bytes
    .toString("utf8")
    .split(/\r\n|\n|\r/)
    .map((line) => /^([^:]*):? ?([\s\S]*)$/.exec(line)?.slice(1) ?? []);
  const valuesOf = (name: string): string[] =>
    fields.filter(([field]) => field === name).map(([, value]) => value ?? "");
  return {
    type: valuesOf("event").at(-1) ?? "message",
    id: valuesOf("id").at(-1),
    data: valuesOf("data").join("\n"),
  };
}
