/** Where a value is in its chain. */
export interface Link<T> {
  readonly value: T;
  before: Link<T> | undefined;
  after: Link<T> | undefined;
}

/** A list that is taken from and put to anywhere in a time that does not depend on its length, as a Map's is. */
export class Chain<T> {
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;

  get first(): T | undefined {
    return this.#first?.value;
  }

  push(value: T): Link<T> {
    const link: Link<T> = { value, before: this.#last, after: undefined };
    if (this.#last === undefined) this.#first = link;
    else this.#last.after = link;
    this.#last = link;
    return link;
  }

  /** Puts a value behind all that `isBefore` says are before it; they are looked at from the end. */
  insert(value: T, isBefore: (other: T) => boolean): Link<T> {
    let before = this.#last;
    while (before !== undefined && !isBefore(before.value)) before = before.before;
    const after = before === undefined ? this.#first : before.after;
    const link: Link<T> = { value, before, after };
    if (before === undefined) this.#first = link;
    else before.after = link;
    if (after === undefined) this.#last = link;
    else after.before = link;
    return link;
  }

  remove({ before, after }: Link<T>): void {
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
  }
}
