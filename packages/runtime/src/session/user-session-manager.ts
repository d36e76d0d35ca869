import { randomUUID } from "node:crypto";
import { checkUser, type UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import { Observers } from "../internal/observers.ts";
import { guardOnError, type OnError } from "../internal/on-error.ts";
import { callable, wholeNumber } from "../internal/options.ts";

/** How long sessions live and how many a user may have; every limit has a default. */
export interface UserSessionManagerOptions {
  /** A session that nobody touched for this long expires. Default: 1,800,000 (30 minutes). */
  readonly idleMs?: number;
  /** A session expires at this age, touched or not. Default: 86,400,000 (24 hours). */
  readonly maxAgeMs?: number;
  /** Sessions that a user may have at once; one more replaces the one idle for longest. Default: 20. */
  readonly maxSessionsPerUser?: number;
  /** The clock, in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
  /** Default: a random UUID. */
  readonly createId?: () => string;
  /** Hears of listeners that throw. Default: nobody does. */
  readonly onError?: OnError;
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
  /** What lives in it now, connections and runs; a session with any is not idle. */
  attachments: number;
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
  readonly #ended: Observers<EndedSession>;
  readonly #sweep: NodeJS.Timeout;
  #isDisposed = false;

  /** @internal Use {@link createUserSessionManager}. */
  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#ended = new Observers(options.onError);
    const { idleMs, maxAgeMs } = options;
    const everyMs = Math.min(60_000, Math.max(100, Math.floor(Math.min(idleMs, maxAgeMs) / 2)));
    this.#sweep = setInterval(() => this.expire(), everyMs).unref();
  }

  /**
   * Begins a session. At the limit, the user's session that was idle for longest is replaced, one in
   * which something lives only if there is no other. Throws WT_CONTEXT_FORGED or WT_SCOPE_DISPOSED.
   */
  create(user: UserContext): UserSession {
    this.#assertUsable();
    const { now, createId, maxSessionsPerUser } = this.#options;
    const live = this.#liveOf(user);
    if (live.length >= maxSessionsPerUser) this.#end(idlest(live), "replaced");
    const createdAt = now();
    const session = Object.freeze({ sessionId: createId(), user, createdAt });
    // Only now: whoever heard of a session's end may have begun another.
    const sessions = this.#users.get(user.key) ?? new Map<string, Entry>();
    sessions.set(session.sessionId, { session, touchedAt: createdAt, attachments: 0 });
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

  /**
   * Keeps the session from idling for as long as something lives in it, a connection or a run;
   * answers the disposer, which the end of that thing must call. Age still ends the session.
   * `undefined` if the user has no such live session.
   */
  attach(user: UserContext, sessionId: string): (() => void) | undefined {
    const entry = this.#live(user, sessionId);
    if (entry === undefined) return undefined;
    return attachTo(entry, this.#options.now);
  }

  /** The user's live sessions, oldest first. */
  list(user: UserContext): readonly UserSession[] {
    return this.#liveOf(user).map(({ session }) => session);
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

  /** Forgets every session without telling anybody, and begins no more. Idempotent. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    clearInterval(this.#sweep);
    this.#ended.clear();
    this.#users.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  /** Judges this user's sessions alone: a sign-in must not cost more the more users there are. */
  #liveOf(user: UserContext): readonly Entry[] {
    const entries = [...(this.#users.get(checkUser(user).key)?.values() ?? [])];
    for (const entry of entries) if (this.#isExpired(entry)) this.#end(entry, "expired");
    return [...(this.#users.get(user.key)?.values() ?? [])];
  }

  #live(user: UserContext, sessionId: string): Entry | undefined {
    const entry = this.#users.get(checkUser(user).key)?.get(sessionId);
    if (entry === undefined || !this.#isExpired(entry)) return entry;
    this.#end(entry, "expired");
    return undefined;
  }

  #assertUsable(): void {
    if (!this.#isDisposed) return;
    throw new WatertightError(
      "WT_SCOPE_DISPOSED",
      "Expected a live UserSessionManager, got one that is disposed. Make a new runtime to take sign-ins again.",
    );
  }

  #isExpired({ session, touchedAt, attachments }: Entry): boolean {
    const now = this.#options.now();
    const { idleMs, maxAgeMs } = this.#options;
    const isIdle = attachments === 0 && now - touchedAt >= idleMs;
    return isIdle || now - session.createdAt >= maxAgeMs;
  }

  #end(entry: Entry | undefined, cause: EndedSession["cause"]): void {
    if (entry === undefined) return;
    const { session } = entry;
    const sessions = this.#users.get(session.user.key);
    if (sessions?.get(session.sessionId) !== entry) return;
    sessions.delete(session.sessionId);
    if (sessions.size === 0) this.#users.delete(session.user.key);
    this.#ended.notify(Object.freeze({ ...session, cause }));
  }
}

/** Holds the entry and the clock, not the table: what a user keeps must not lead to other users. */
function attachTo(entry: Entry, now: () => number): () => void {
  entry.attachments += 1;
  let isAttached = true;
  return () => {
    if (!isAttached) return;
    isAttached = false;
    entry.attachments -= 1;
    entry.touchedAt = now();
  };
}

function idlest(entries: readonly Entry[]): Entry | undefined {
  const inUse = ({ attachments }: Entry): number => (attachments > 0 ? 1 : 0);
  const [first] = entries.toSorted((a, b) => inUse(a) - inUse(b) || a.touchedAt - b.touchedAt);
  return first;
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
    onError,
  } = options;
  return new UserSessionManager(
    Object.freeze({
      idleMs: wholeNumber("idleMs", idleMs),
      maxAgeMs: wholeNumber("maxAgeMs", maxAgeMs),
      maxSessionsPerUser: wholeNumber("maxSessionsPerUser", maxSessionsPerUser),
      now: callable("now", now),
      createId: callable("createId", createId),
      onError: guardOnError(onError),
    }),
  );
}
