/** What a stream that pushes is asked for one by one; it can be told to wait by nobody, so it is bounded. */
export class EventBuffer<T> {
  readonly #maxEvents: number;
  readonly #events: T[] = [];
  #wake: () => void = () => {};
  #end: { readonly error?: unknown } | undefined;

  constructor(maxEvents: number) {
    this.#maxEvents = maxEvents;
  }

  push(event: T): void {
    if (this.#end !== undefined) return;
    if (this.#events.length >= this.#maxEvents) {
      return this.fail(
        new Error(`Expected at most ${this.#maxEvents} events to wait for their reader, got more`),
      );
    }
    this.#events.push(event);
    this.#wake();
  }

  /** No more will come. */
  end(): void {
    this.#end ??= {};
    this.#wake();
  }

  /** No more will come, because something went wrong. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake();
  }

  /** What was pushed, in order; throws what it failed with once all of it was read. */
  async *read(): AsyncGenerator<T, void> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) yield event;
      else if (this.#end !== undefined) break;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if ("error" in this.#end) throw this.#end.error;
  }
}
