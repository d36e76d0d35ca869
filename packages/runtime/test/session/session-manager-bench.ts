import { createUserContext, type UserContext } from "../../src/context/user-context.ts";
import { createMemorySessionStore } from "../../src/drivers/memory/memory-session-store.ts";
import type { SessionStore } from "../../src/session/session-store.ts";
import {
  createUserSessionManager,
  type EndedSession,
  type UserSessionManager,
  type UserSessionManagerOptions,
} from "../../src/session/user-session-manager.ts";

/** A session manager with a clock in the hand of the test, and what it told. */
export class SessionManagerBench implements AsyncDisposable {
  readonly alice: UserContext = createUserContext({ userId: "alice" });
  readonly bob: UserContext = createUserContext({ userId: "bob" });
  readonly store: SessionStore;
  readonly manager: UserSessionManager;
  readonly ended: EndedSession[] = [];
  /** What `onError` was told, and where it happened. */
  readonly told: string[] = [];
  now = 1000;
  readonly #options: UserSessionManagerOptions;

  constructor(options: UserSessionManagerOptions = {}, store = createMemorySessionStore()) {
    let count = 0;
    this.store = store;
    this.#options = {
      idleMs: 100,
      maxAgeMs: 1000,
      maxSessionsPerUser: 3,
      ticketMs: 30,
      maxTicketsPerUser: 3,
      now: () => this.now,
      createId: () => `session-${(count += 1)}`,
      onError: (_, { stage }) => void this.told.push(stage),
      ...options,
    };
    this.manager = createUserSessionManager(store, this.#options);
    this.manager.onEnded((session) => this.ended.push(session));
  }

  /** Another node over the same store, with the same clock. */
  otherNode(): SessionManagerBench {
    return new SessionManagerBench({ ...this.#options, createId: () => "elsewhere" }, this.store);
  }

  /** The ids of a user's live sessions, oldest first. */
  async ids(user: UserContext): Promise<readonly string[]> {
    return (await this.manager.list(user)).map(({ sessionId }) => sessionId);
  }

  /** Begins that many sessions, one millisecond apart; answers their ids. */
  async begin(user: UserContext, count: number): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let i = 0; i < count; i += 1) {
      this.now += 1;
      ids.push((await this.manager.create(user)).sessionId);
    }
    return ids;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.manager.dispose();
  }
}
