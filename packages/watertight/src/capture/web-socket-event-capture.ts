import { wait } from "../internal/wait.ts";
import type { Received } from "../received.ts";

/** What a user's connection hands over as it arrives. */
export interface Arrival {
  readonly user: number;
  readonly connection: string;
  readonly bytes: Buffer;
}

/** When a round counts as over. */
export interface QuietOptions {
  /** Nothing may have arrived for this long. */
  readonly quietMs: number;
  /** After this long the round is over even if frames still arrive. */
  readonly maxMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Keeps every byte that any user received in a round, in order of arrival. Nothing is judged while
 * frames still come in: a leak that arrives late is a leak.
 */
export class WebSocketEventCapture {
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #received: Received[] = [];
  readonly #indexes = new Map<string, number>();
  #lastAt: number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#startedAt = now();
    this.#lastAt = this.#startedAt;
  }

  /** Records one frame or body and answers it with its place. */
  record(arrival: Arrival): Received {
    this.#lastAt = this.#now();
    const index = this.#indexes.get(arrival.connection) ?? 0;
    this.#indexes.set(arrival.connection, index + 1);
    const received = { ...arrival, index, atMs: this.#lastAt - this.#startedAt };
    this.#received.push(received);
    return received;
  }

  get received(): readonly Received[] {
    return this.#received;
  }

  /** Milliseconds since anybody received anything. */
  get silentForMs(): number {
    return this.#now() - this.#lastAt;
  }

  /** Resolves when nothing has arrived at anybody for `quietMs`, after `maxMs` at the latest. */
  async quiet(options: QuietOptions): Promise<void> {
    const deadline = this.#now() + options.maxMs;
    const restart = this.#now();
    while (this.#now() < deadline && options.signal?.aborted !== true) {
      const missing = options.quietMs - (this.#now() - Math.max(this.#lastAt, restart));
      if (missing <= 0) return;
      await wait(Math.min(missing, deadline - this.#now()), options.signal);
    }
  }
}
