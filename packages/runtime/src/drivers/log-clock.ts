/** The system's clock as it was when the process began, counted on by one that never jumps. */
export function steadyNow(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * The clock that ages are told by. It goes on as `now` goes forward and never goes back: while `now`
 * jumps back it stands, and from there it goes on with `now` again.
 */
export class LogClock {
  readonly #now: () => number;
  #seen: number;
  #time: number;

  /** `least` is the latest time that is known to have been. */
  constructor(now: () => number, least = 0) {
    this.#now = now;
    this.#seen = now();
    this.#time = Math.max(this.#seen, least);
  }

  /** Milliseconds since the epoch; never less than before. */
  read(): number {
    const seen = this.#now();
    if (seen > this.#seen) this.#time += seen - this.#seen;
    this.#seen = seen;
    return this.#time;
  }
}
