import { guardOnError, type OnError } from "./on-error.ts";

/** A list of listeners; registering answers the disposer. One that throws stops none of the others. */
export class Observers<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly #onError: OnError;

  constructor(onError?: OnError) {
    this.#onError = guardOnError(onError);
  }

  add(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  notify(value: T): void {
    for (const listener of this.#listeners) {
      try {
        listener(value);
      } catch (error) {
        this.#onError(error, { stage: "observer" });
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
