import type { SinkMessage } from "./sink.ts";

/** A message has so much of it kept: a mail with attachments fits. */
export const MAX_MESSAGE_BYTES: number = 4 * 1024 * 1024;
const MAX_MESSAGES = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** What is recorded of a message; the log adds the rest. */
export type Recording = Pick<SinkMessage, "what" | "bytes" | "addressee"> &
  Partial<Pick<SinkMessage, "newFrom" | "index">>;

export interface SinkLogOptions {
  readonly sink: string;
  readonly batches: boolean;
  /** Learns each message as soon as it is there. */
  readonly onMessage: (message: SinkMessage) => void;
}

/**
 * Keeps what arrived at a sink until it is taken: 10,000 messages and 64 MiB at most. What is dropped is
 * counted.
 */
export class SinkLog {
  readonly #options: SinkLogOptions;
  #messages: SinkMessage[] = [];
  #bytes = 0;
  #count = 0;
  #dropped = 0;
  #cut = 0;

  constructor(options: SinkLogOptions) {
    this.#options = options;
  }

  /** The number of the next message. */
  nextIndex(): number {
    return this.#count++;
  }

  record({ what, bytes, addressee, newFrom = 0, index = this.nextIndex() }: Recording): void {
    if (this.#messages.length >= MAX_MESSAGES || this.#bytes + bytes.length > MAX_BYTES) {
      this.#dropped += 1;
      return;
    }
    const { sink, batches, onMessage } = this.#options;
    const at = performance.now();
    const message = { sink, index, at, what, bytes, newFrom, addressee, batches };
    this.#messages.push(message);
    this.#bytes += bytes.length;
    onMessage(message);
  }

  /** Notes that a message was longer than what is kept of one. */
  noteCut(): void {
    this.#cut += 1;
  }

  take(): readonly SinkMessage[] {
    const messages = this.#messages;
    this.#messages = [];
    this.#bytes = 0;
    return messages;
  }

  get gaps(): readonly string[] {
    const { sink } = this.#options;
    const gaps = [];
    if (this.#dropped > 0) {
      gaps.push(`${this.#dropped} messages to the sink ${sink}: more came than could be kept.`);
    }
    if (this.#cut > 0) {
      gaps.push(`What stands behind the first 4 MiB of ${this.#cut} messages to the sink ${sink}.`);
    }
    return gaps;
  }
}
