import { behindError } from "./client-errors.ts";

type Result<T> = IteratorResult<T, undefined>;

interface Waiting<T> {
  readonly resolve: (result: Result<T>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Events on their way to one reader. Keeps at most `limit` that nobody has read; one more, and all
 * are dropped and the reader gets WT_READER_BEHIND.
 */
export class EventQueue<T> implements AsyncIterableIterator<T, undefined> {
  readonly #limit: number;
  readonly #onLeft: () => void;
  readonly #waiting: Waiting<T>[] = [];
  #items: T[] = [];
  #error: unknown;
  #isOver = false;

  /** `onLeft` is called once the queue takes no more, whoever is the cause. */
  constructor(limit: number, onLeft: () => void = () => {}) {
    this.#limit = limit;
    this.#onLeft = onLeft;
  }

  push(item: T): void {
    if (this.#isOver) return;
    const reader = this.#waiting.shift();
    if (reader !== undefined) return reader.resolve({ done: false, value: item });
    if (this.#items.length < this.#limit) return void this.#items.push(item);
    this.#items = [];
    this.end(behindError(this.#limit));
  }

  /** The reader gets what is left, then the error if there is one. */
  end(error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    for (const reader of this.#waiting.splice(0)) this.#sayEnd(reader);
    this.#onLeft();
  }

  next(): Promise<Result<T>> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    return new Promise((resolve, reject) => {
      if (this.#isOver) this.#sayEnd({ resolve, reject });
      else this.#waiting.push({ resolve, reject });
    });
  }

  /** The reader has had enough. */
  return(): Promise<Result<T>> {
    this.#items = [];
    this.end();
    this.#error = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** An error is told once; after it the queue is simply over. */
  #sayEnd({ resolve, reject }: Waiting<T>): void {
    const error = this.#error;
    this.#error = undefined;
    if (error === undefined) resolve({ done: true, value: undefined });
    else reject(error);
  }
}
