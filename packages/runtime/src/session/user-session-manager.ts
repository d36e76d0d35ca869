import { randomUUID } from "node:crypto";
import { checkUser, type UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import { Observers } from "../internal/observers.ts";
import { wholeNumber } from "../internal/options.ts";

export interface UserSessionManagerOptions {
  /** A session that nobody touched for this long expires. Default: 1,800,000 (30 minutes). */
  readonly idleMs?: number;
  /** A session expires at this age, touched or not. Default: 86,400,000 (24 hours). */
  readonly maxAgeMs?: number;
  /** Sessions that a user may have at once; one more ends the one idle for longest. Default: 20. */
  readonly maxSessionsPerUser?: number;
  /** The clock, in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
  /** Default: a random UUID. */
  readonly createId?: () => string;
}

/** One sign-in of one user on one device; frozen. */
export interface UserSession {
  readonly sessionId: string;
  readonly user: UserContext;
  readonly createdAt: number;
}

/** A session that ended, and why. */
export interface EndedSession extends UserSession {
  readonly cause: "revoked" | "expired" | "replaced";
}

interface Entry {
  readonly session: UserSession;
  touchedAt: number;
}

type ResolvedOptions = Readonly<Required<UserSessionManagerOptions>>;

/**
 * The sign-ins of all users on this node. Every question names the user: a session of somebody else
 * is as unknown as one that never was. Expiry is judged when asked and by a sweep; a sweep only
 * frees, it never decides.
 */
export class UserSessionManager implements AsyncDisposable {
  readonly #options: ResolvedOptions;
  readonly #users = new Map<string, Map<string, Entry>>();
  readonly #ended = new Observers<EndedSession>();
  readonly #sweep: NodeJS.Timeout;

  /** @internal Use {@link createUserSessionManager}. */
  constructor(options: ResolvedOptions) {
    this.#options = options;
    const everyMs = Math.min(60_000, Math.max(100, Math.floor(options.idleMs / 2)));
    this.#sweep = setInterval(() => this.expire(), everyMs).unref();
  }

  /** Begins a session. At the limit, the user's session that was idle for longest is replaced. */
  create(user: UserContext): UserSession {
    const sessions = this.#sessionsOf(checkUser(user));
    this.expire();
    if (sessions.size >= this.#options.maxSessionsPerUser) this.#replaceIdlest(sessions);
    const now = this.#options.now();
    const sessionId = this.#options.createId();
    const session = Object.freeze({ sessionId, user, createdAt: now });
    sessions.set(sessionId, { session, touchedAt: now });
    this.#users.set(user.key, sessions);
    return session;
  }

  /** The user's live session of that id. */
  get(user: UserContext, sessionId: string): UserSession | undefined {
    return this.#live(user, sessionId)?.session;
  }

  /** The same, and its idle time begins anew. */
  resume(user: UserContext, sessionId: string): UserSession | undefined {
    const entry = this.#live(user, sessionId);
    if (entry !== undefined) entry.touchedAt = this.#options.now();
    return entry?.session;
  }

  /** Begins the idle time anew; `false` if the user has no live session of that id. */
  touch(user: UserContext, sessionId: string): boolean {
    return this.resume(user, sessionId) !== undefined;
  }

  /** The user's live sessions, oldest first. */
  list(user: UserContext): readonly UserSession[] {
    this.expire();
    const entries = this.#users.get(checkUser(user).key)?.values() ?? [];
    return [...entries].map(({ session }) => session);
  }

  /** Ends a session; `false` if the user has no live session of that id. */
  revoke(user: UserContext, sessionId: string): boolean {
    const entry = this.#live(user, sessionId);
    if (entry !== undefined) this.#end(entry, "revoked");
    return entry !== undefined;
  }

  /** Ends every session whose time has come; answers how many. */
  expire(): number {
    const expired = [...this.#users.values()]
      .flatMap((sessions) => [...sessions.values()])
      .filter((entry) => this.#isExpired(entry));
    for (const entry of expired) this.#end(entry, "expired");
    return expired.length;
  }

  /** Calls `listener` for every session that ends from now on; answers the disposer. */
  onEnded(listener: (session: EndedSession) => void): () => void {
    return this.#ended.add(listener);
  }

  async dispose(): Promise<void> {
    clearInterval(this.#sweep);
    this.#ended.clear();
    this.#users.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #sessionsOf(user: UserContext): Map<string, Entry> {
    return this.#users.get(user.key) ?? new Map<string, Entry>();
  }

  #live(user: UserContext, sessionId: string): Entry | undefined {
    const entry = this.#users.get(checkUser(user).key)?.get(sessionId);
    if (entry === undefined || !this.#isExpired(entry)) return entry;
    this.#end(entry, "expired");
    return undefined;
  }

  #isExpired({ session, touchedAt }: Entry): boolean {
    const now = this.#options.now();
    const { idleMs, maxAgeMs } = this.#options;
    return now - touchedAt >= idleMs || now - session.createdAt >= maxAgeMs;
  }

  #replaceIdlest(sessions: ReadonlyMap<string, Entry>): void {
    const [idlest] = [...sessions.values()].sort((a, b) => a.touchedAt - b.touchedAt);
    if (idlest !== undefined) this.#end(idlest, "replaced");
  }

  #end({ session }: Entry, cause: EndedSession["cause"]): void {
    const sessions = this.#users.get(session.user.key);
    if (sessions?.delete(session.sessionId) !== true) return;
    if (sessions.size === 0) this.#users.delete(session.user.key);
    this.#ended.notify(Object.freeze({ ...session, cause }));
  }
}

/** Makes the table of sign-ins. Throws WT_OPTION_INVALID. */
export function createUserSessionManager(
  options: UserSessionManagerOptions = {},
): UserSessionManager {
  const {
    idleMs = 1_800_000,
    maxAgeMs = 86_400_000,
    maxSessionsPerUser = 20,
    now = Date.now,
    createId = randomUUID,
  } = options;
  if (typeof now !== "function") {
    throw new WatertightError("WT_OPTION_INVALID", "Expected `now` to be a function");
  }
  return new UserSessionManager(
    Object.freeze({
      idleMs: wholeNumber("idleMs", idleMs),
      maxAgeMs: wholeNumber("maxAgeMs", maxAgeMs),
      maxSessionsPerUser: wholeNumber("maxSessionsPerUser", maxSessionsPerUser),
      now,
      createId,
    }),
  );
}
