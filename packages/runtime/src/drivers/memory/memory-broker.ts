import type { Broker, Subscriber } from "../../broker/broker.ts";
import { checkUser, type UserContext } from "../../context/user-context.ts";
import { WatertightError } from "../../errors.ts";

/** Carries texts between the runtimes of this process. */
export class MemoryBroker implements Broker {
  readonly #topics = new Map<string, Set<Subscriber>>();
  #isDisposed = false;

  /** Users for whom somebody listens. */
  get topics(): number {
    return this.#topics.size;
  }

  async publish(user: UserContext, text: string): Promise<void> {
    const { key } = checkUser(user);
    if (this.#isDisposed) throw disposed();
    const topic = this.#topics.get(key);
    // As from afar: who publishes has gone on when it is heard, and who left meanwhile hears nothing.
    for (const subscriber of topic ?? []) {
      setImmediate(() => {
        if (topic?.has(subscriber) === true) subscriber.message(text);
      });
    }
  }

  async subscribe(user: UserContext, { message, gap }: Subscriber): Promise<() => void> {
    const { key } = checkUser(user);
    if (this.#isDisposed) throw disposed();
    const topic = this.#topics.get(key) ?? new Set();
    // One of its own: who subscribes twice is two.
    const subscriber = { message, gap };
    this.#topics.set(key, topic.add(subscriber));
    return () => {
      topic.delete(subscriber);
      if (topic.size === 0 && this.#topics.get(key) === topic) this.#topics.delete(key);
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    for (const topic of this.#topics.values()) topic.clear();
    this.#topics.clear();
  }
}

function disposed(): WatertightError {
  return new WatertightError(
    "WT_SCOPE_DISPOSED",
    "Expected an open broker, got one that was disposed. Close the runtimes that use it first.",
  );
}

/** Makes a broker for several runtimes of one process, as in tests of what a second node does. */
export function createMemoryBroker(): MemoryBroker {
  return new MemoryBroker();
}
