import type { UserContext } from "../context/user-context.ts";
import type { UserSession, UserSessionManager } from "../session/user-session-manager.ts";
import type { Guest } from "./admission.ts";

/**
 * The sessions that requests live in. A request that names none shares one with all such requests of
 * its user: a session for each would crowd out the user's devices.
 */
export class RequestSessions {
  readonly #sessions: UserSessionManager;
  /** One entry a user at most, gone when that session ends. */
  readonly #shared = new Map<string, Promise<UserSession>>();

  constructor(sessions: UserSessionManager) {
    this.#sessions = sessions;
    sessions.onEnded(({ user, sessionId }) => void this.#forget(user, sessionId));
  }

  /** The session that the guest names, or else the one that the guest's requests share; `undefined` if the named one is over, or never was. */
  async find({ user, sessionId }: Guest, named: string | null): Promise<UserSession | undefined> {
    // A ticket for one session is none for another.
    if (named !== null && sessionId !== undefined && named !== sessionId) return undefined;
    const wanted = named ?? sessionId;
    if (wanted !== undefined) return this.#sessions.resume(user, wanted);
    const shared = this.#shared.get(user.key);
    if (shared === undefined) return this.#share(user);
    const live = await this.#sessions.resume(user, (await shared).sessionId);
    if (live !== undefined) return live;
    if (this.#shared.get(user.key) === shared) this.#shared.delete(user.key);
    return this.#shared.get(user.key) ?? this.#share(user);
  }

  #share(user: UserContext): Promise<UserSession> {
    const beginning = this.#sessions.create(user, { device: "http" });
    this.#shared.set(user.key, beginning);
    beginning.catch(() => {
      if (this.#shared.get(user.key) === beginning) this.#shared.delete(user.key);
    });
    return beginning;
  }

  async #forget({ key }: UserContext, sessionId: string): Promise<void> {
    const shared = this.#shared.get(key);
    const session = await shared?.catch(() => undefined);
    if (session?.sessionId === sessionId && this.#shared.get(key) === shared) {
      this.#shared.delete(key);
    }
  }
}
