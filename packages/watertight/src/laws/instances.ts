/** What a factory has made and for whom: held until it is ended, and only watched from then on. */
export class Instances<T, User> {
  #made: { readonly instance: T; readonly user: User }[] = [];
  #watched: readonly WeakRef<object>[] = [];

  get all(): readonly T[] {
    return this.#made.map(({ instance }) => instance);
  }

  /** Throws if it is nothing that could hold data. */
  add(instance: T, user: User): void {
    const isObject = typeof instance === "object" && instance !== null;
    if (!isObject && typeof instance !== "function") {
      const found = instance === null ? "null" : typeof instance;
      throw new TypeError(`Expected the factory to make an object or a function, got ${found}.`);
    }
    this.#made.push({ instance, user });
  }

  /** Lets go of all, and disposes of each once. */
  async end(dispose: (instance: T, user: User) => unknown): Promise<void> {
    const made = new Map(this.#made.map(({ instance, user }) => [instance, user]));
    this.#made = [];
    this.#watched = [...made.keys()].map((instance) => new WeakRef(instance as object));
    for (const [instance, user] of made) await dispose(instance, user);
  }

  /** Those that something else still holds, for as long as the answer is held. */
  survivors(): readonly object[] {
    return this.#watched.flatMap((watched) => watched.deref() ?? []);
  }
}
