import { createUserContext, type UserContext } from "../../src/context/user-context.ts";
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
  readonly manager: UserSessionManager;
  readonly ended: EndedSession[] = [];
  now = 1000;

  constructor(options: UserSessionManagerOptions = {}) {
    let count = 0;
    this.manager = createUserSessionManager({
      idleMs: 100,
      maxAgeMs: 1000,
      maxSessionsPerUser: 3,
      now: () => this.now,
      createId: () => `session-${(count += 1)}`,
      ...options,
    });
    this.manager.onEnded((session) => this.ended.push(session));
  }

  /** The ids of a user's live sessions, oldest first. */
  ids(user: UserContext): readonly string[] {
    return this.manager.list(user).map(({ sessionId }) => sessionId);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.manager.dispose();
  }
}
