import { randomUUID } from "node:crypto";
import { checkUser, type UserContext } from "../context/user-context.ts";
import type { OnError } from "../internal/on-error.ts";
import { withWatchdog } from "../internal/watchdog.ts";
import type { Broker } from "./broker.ts";
import { type NodeMessage, readMessage, writeMessage } from "./node-message.ts";

/** What a node hears about a user whom it listens for: a message of another node, or that some were missed. */
export type Heard = NodeMessage | { readonly type: "gap" };

/** How long a broker may take to subscribe. */
const SUBSCRIBE_MS = 10_000;

/**
 * This node's end of the broker: it listens for the users who are here, and for nobody else. It knows
 * all of them; what belongs to one of them must lead to it weakly at most. What comes for somebody
 * else, or is no message, is told to the operator and to nobody besides.
 */
export class NodeLink {
  readonly #broker: Broker;
  readonly #onError: OnError;
  readonly #nodeId = randomUUID();
  readonly #subscriptions = new Map<object, Promise<() => void>>();

  constructor(broker: Broker, onError: OnError) {
    this.#broker = broker;
    this.#onError = onError;
  }

  /** Listens for a user until {@link leave} is called with the same `ear`, which is due even if this rejects. */
  async join(user: UserContext, ear: object, hear: (heard: Heard) => void): Promise<void> {
    const subscription = this.#broker.subscribe(checkUser(user), {
      message: (text) => this.#receive(user, text, hear),
      gap: () => hear({ type: "gap" }),
    });
    this.#subscriptions.set(ear, subscription);
    await withWatchdog(subscription, SUBSCRIBE_MS, "The broker");
  }

  /** Listens no more. Idempotent. */
  leave(ear: object): void {
    const subscription = this.#subscriptions.get(ear);
    this.#subscriptions.delete(ear);
    // One that failed was told by whoever joined.
    subscription?.then((end) => end()).catch(() => {});
  }

  /** Tells the other nodes on which the user is; that it can't is told to the operator. */
  tell(user: UserContext, message: NodeMessage): void {
    const text = writeMessage(user, { from: this.#nodeId, message });
    this.#broker.publish(user, text).catch((error: unknown) => this.#report(error));
  }

  #receive(user: UserContext, text: string, hear: (heard: Heard) => void): void {
    try {
      const { from, message } = readMessage(user, text);
      if (from !== this.#nodeId) hear(message);
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    this.#onError(error, { stage: "broker" });
  }
}
