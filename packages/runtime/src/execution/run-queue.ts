import type { UserContext } from "../context/user-context.ts";

/** A run that asks for its turn. */
export interface QueuedRun {
  readonly user: UserContext;
  /** Unique among all that the user ever queued. */
  readonly id: string;
  /** How many turns the user gets for one of a user of weight 1; a whole number, 1 or more. The last one said counts. */
  readonly weight: number;
  /** How many of the user's runs may have their turn at once; 1 or more. The last one said counts. */
  readonly maxClaimed: number;
}

/** Tokens that a run of a user has used, and how many the user may use. */
export interface SpentTokens {
  readonly tokens: number;
  /** How many may be used in a window; from that number on the user gets no turn until it ends. The last one said counts. */
  readonly budget: number;
  /** How long a window lasts, in milliseconds. It begins with the first use after the last one. */
  readonly windowMs: number;
}

/** A run that has its turn, until it is released or its lease runs out. */
export interface RunClaim {
  readonly user: UserContext;
  readonly id: string;
  /** Grows with every claim of the user: an older one is not worth anything any more. */
  readonly token: number;
}

/**
 * Who is next, over all users and all nodes. Each handle is one node's: it claims what was queued
 * through it, and the shares are counted over all of them.
 *
 * Turns go around the users who wait and may have one more: each gets `weight` of them, then the next
 * user comes. A user's own runs come in the order of their queueing. Between two turns of a user who
 * waits no other user has more than its `weight`. No call may cost more because there are more other
 * users, or because one of them queued more.
 *
 * On the Redis protocol: a list of waiting runs, a hash (turns left, turns taken, last token) and a
 * sorted set of leases and a count of tokens that expires with its window for each user, all under the hash tag `{tenant:user}`, changed by one script a
 * call; and a ring of user keys, from which a claim takes the first and to whose end it returns it.
 * The ring is a hint and may name a user twice or for nothing: the user's own keys decide.
 *
 * Implementations pass `test/execution/run-queue-conformance.ts`.
 */
export interface RunQueue extends AsyncDisposable {
  /**
   * Puts a run at the end of its user's line. Rejects with WT_RUN_QUEUE_FULL, changing nothing, if the
   * line is as long as it may be, and with WT_SCOPE_DISPOSED after the end. Answers the milliseconds
   * for which the user gets no turn because the budget is spent; 0 if it is not.
   */
  enqueue(run: QueuedRun): Promise<number>;
  /**
   * Counts tokens of a user, over all nodes. Whose budget is spent keeps what goes on and every place
   * in line, and MUST get no turn until the window ends. Answers what {@link enqueue} answers.
   */
  spend(user: UserContext, spent: SpentTokens): Promise<number>;
  /** Takes a run out of its line; `false` if it does not wait there, because it has its turn or never came. */
  cancel(user: UserContext, id: string): Promise<boolean>;
  /** Gives the next run its turn; `undefined` if nobody who waits may have one. A run MUST NOT get two. */
  claim(): Promise<RunClaim | undefined>;
  /** Makes the leases of these claims begin anew; answers those that were lost before. */
  renew(claims: readonly RunClaim[]): Promise<readonly RunClaim[]>;
  /** Ends a turn; `false` if it was over already. What was claimed is never queued again. */
  release(claim: RunClaim): Promise<boolean>;
  /**
   * Calls `listener`, which must not throw, whenever a claim may succeed that did not before; it may
   * be called for nothing. Answers the disposer.
   */
  follow(listener: () => void): () => void;
}
