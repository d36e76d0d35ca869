import type { UserContext } from "../context/user-context.ts";

/** Who hears what is said about one user. Neither call may throw. */
export interface Subscriber {
  /** A text that a node published about this user. */
  readonly message: (text: string) => void;
  /** Texts may have been missed: whoever listens must look for itself. */
  readonly gap: () => void;
}

/**
 * Carries short texts between nodes, each about one user, to the nodes that listen for that user.
 * Texts are calls to look: whatever counts is in the log and in the session store.
 *
 * There is a topic per user and no other: a driver has no way to say or hear anything about all. What
 * is published once `subscribe` has resolved MUST come to every subscriber of that user, the
 * publisher's own included, whole, once, in the order in which one node published it, or be told as a
 * gap; it MUST NOT come to a subscriber of anybody else. After the disposer of a subscription was
 * called, nothing comes.
 *
 * On the Redis protocol: `SPUBLISH` and `SSUBSCRIBE` on a channel `{tenant:user}`, on the slot of the
 * user's keys; a line that broke is a gap for all who listen on it.
 *
 * Implementations pass `test/conformance/broker.ts`.
 */
export interface Broker extends AsyncDisposable {
  /** Resolves once the broker has it, which says nothing of who hears it. Rejects if it can't be reached. */
  publish(user: UserContext, text: string): Promise<void>;
  /** Listens until the disposer is called, which must not throw. Rejects if the broker can't be reached. */
  subscribe(user: UserContext, subscriber: Subscriber): Promise<() => void>;
}
