import { wait } from "../internal/wait.ts";
import { SENTINEL } from "../canary.ts";
import type { HttpAnswer, Received } from "../received.ts";

/** What a user's connection hands over as it arrives. */
export interface Arrival {
  readonly user: number;
  readonly connection: string;
  readonly bytes: Buffer;
  readonly answer?: HttpAnswer;
}

/** When a round counts as over. */
export interface QuietOptions {
  /** Nothing may have arrived for this long. */
  readonly quietMs: number;
  /** After this long the round is over even if frames still arrive. */
  readonly maxMs: number;
  readonly signal?: AbortSignal;
}

/** Longer frames are not compared with earlier ones: a heartbeat is short. */
const MAX_HEARTBEAT_BYTES = 512;
/** A connection that has heard the same so often hears a heartbeat. */
const HEARTBEATS = 3;

/**
 * Keeps every byte that any user received in a round, in order of arrival. Nothing is judged while
 * frames still come in: a leak that arrives late is a leak. A frame without any canary that a
 * connection has heard before, but for its numbers, is a heartbeat: it is kept, but is no news, or a
 * server that beats would never be quiet.
 */
export class WebSocketEventCapture {
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #received: Received[] = [];
  readonly #indexes = new Map<string, number>();
  readonly #heard = new Map<string, number>();
  #lastAt: number;
  #lastNewsAt: number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#startedAt = now();
    this.#lastAt = this.#startedAt;
    this.#lastNewsAt = this.#startedAt;
  }

  /** Records one frame or body and answers it with its place. */
  record(arrival: Arrival): Received {
    const now = this.#now();
    this.#lastAt = now;
    if (!this.#isHeartbeat(arrival)) this.#lastNewsAt = now;
    const index = this.#indexes.get(arrival.connection) ?? 0;
    this.#indexes.set(arrival.connection, index + 1);
    const received = { ...arrival, index, atMs: now - this.#startedAt };
    this.#received.push(received);
    return received;
  }

  get received(): readonly Received[] {
    return this.#received;
  }

  /** An answer is still coming in: not to be taken for silence. */
  stir(): void {
    this.#lastAt = this.#now();
    this.#lastNewsAt = this.#lastAt;
  }

  /** Milliseconds since anybody received anything but heartbeats. */
  get newslessForMs(): number {
    return this.#now() - this.#lastNewsAt;
  }

  /** Milliseconds since anybody received anything. */
  get silentForMs(): number {
    return this.#now() - this.#lastAt;
  }

  /** Resolves when nothing but heartbeats has arrived for `quietMs`, after `maxMs` at the latest. */
  async quiet(options: QuietOptions): Promise<void> {
    const deadline = this.#now() + options.maxMs;
    const restart = this.#now();
    while (this.#now() < deadline && options.signal?.aborted !== true) {
      const missing = options.quietMs - (this.#now() - Math.max(this.#lastNewsAt, restart));
      if (missing <= 0) return;
      await wait(Math.min(missing, deadline - this.#now()), options.signal);
    }
  }

  #isHeartbeat({ connection, bytes }: Arrival): boolean {
    if (bytes.length > MAX_HEARTBEAT_BYTES || bytes.includes(SENTINEL)) return false;
    const key = `${connection} ${bytes.toString("latin1").replaceAll(/\d+/g, "0")}`;
    const times = (this.#heard.get(key) ?? 0) + 1;
    this.#heard.set(key, times);
    return times > HEARTBEATS;
  }
}
