/** How long to wait before coming back. */
export interface BackOffOptions {
  /** Milliseconds that the first pause takes at most. Default: 500. */
  readonly baseMs?: number;
  /** Milliseconds that any pause takes at most. Default: 30,000. */
  readonly maxMs?: number;
}

/**
 * Pauses that double, with full jitter: each is anything between nothing and its most, so that the
 * clients of a server that was gone don't all come back at once.
 */
export class BackOff {
  readonly #options: Required<BackOffOptions>;
  readonly #random: () => number;
  #failures = 0;

  constructor(options: Required<BackOffOptions>, random: () => number) {
    this.#options = options;
    this.#random = random;
  }

  /** The length of the next pause. */
  next(): number {
    const { baseMs, maxMs } = this.#options;
    const mostMs = Math.min(maxMs, baseMs * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 31);
    return Math.floor(this.#random() * mostMs);
  }

  /** It worked: the next pause is a first one again. */
  reset(): void {
    this.#failures = 0;
  }
}
