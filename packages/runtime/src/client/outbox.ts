/** Answers a frame when it is about to be sent, or nothing if it need not be any more. */
export type MakeFrame = () => string | undefined;

const WINDOW_MS = 1000;

/**
 * Frames on their way to the server, in order, no more in a second than it allows. Keeps nothing from
 * one line to the next: what may not have arrived is asked for anew when the next line is ready.
 */
export class Outbox {
  readonly #send: (frame: string) => void;
  readonly #now: () => number;
  #frames: MakeFrame[] = [];
  #perWindow = 0;
  #sentInWindow = 0;
  #windowStart = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (frame: string) => void, now: () => number) {
    this.#send = send;
    this.#now = now;
  }

  /** A line is ready. The server's seconds and this client's don't begin together: half fits into both. */
  open(maxMessagesPerSecond: number): void {
    this.close();
    this.#perWindow = Math.max(1, Math.floor(maxMessagesPerSecond / 2));
    this.#windowStart = Number.NEGATIVE_INFINITY;
  }

  /** The line is gone. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#frames = [];
    this.#perWindow = 0;
  }

  /** Sends a frame as soon as may be; nothing if no line is ready. */
  push(frame: MakeFrame): void {
    if (this.#perWindow === 0) return;
    this.#frames.push(frame);
    if (this.#timer === undefined) this.#flush();
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#now() - this.#windowStart >= WINDOW_MS) {
      this.#windowStart = this.#now();
      this.#sentInWindow = 0;
    }
    while (this.#frames.length > 0 && this.#sentInWindow < this.#perWindow) {
      const frame = this.#frames.shift()?.();
      if (frame === undefined) continue;
      this.#sentInWindow += 1;
      this.#send(frame);
    }
    if (this.#frames.length === 0) return;
    const leftMs = this.#windowStart + WINDOW_MS - this.#now();
    this.#timer = setTimeout(() => this.#flush(), Math.max(1, leftMs));
  }
}
