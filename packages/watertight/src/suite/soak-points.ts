interface Kept<T> {
  readonly place: number;
  readonly item: T;
}

/**
 * Keeps at most `most` of any number of items, at even distances, and the last of all. Of each two
 * that are too many, the second goes.
 */
export class RollingPoints<T> {
  readonly #most: number;
  #kept: readonly Kept<T>[] = [];
  #last: Kept<T> | undefined;
  #stride = 1;
  #count = 0;

  /** `most` is at least 2. */
  constructor(most: number) {
    this.#most = most;
  }

  add(item: T): void {
    const next = { place: this.#count, item };
    this.#count += 1;
    this.#last = next;
    if (next.place % this.#stride !== 0) return;
    this.#kept = [...this.#kept, next];
    if (this.#kept.length < this.#most) return;
    this.#stride *= 2;
    this.#kept = this.#kept.filter(({ place }) => place % this.#stride === 0);
  }

  /** How many were added. */
  get count(): number {
    return this.#count;
  }

  get items(): readonly T[] {
    const kept = this.#kept.map(({ item }) => item);
    const isThere = this.#last === undefined || this.#kept.at(-1)?.place === this.#last.place;
    return isThere ? kept : [...kept, (this.#last as Kept<T>).item];
  }
}
