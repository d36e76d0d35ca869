import type { UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import type { LocalSession } from "./local-sessions.ts";
import { LocalUsers, type Question } from "./local-users.ts";
import {
  type ResolvedSessionOptions,
  resolveSessionOptions,
  type UserSessionManagerOptions,
} from "./session-options.ts";
import { isSessionOver, type SessionStore } from "./session-store.ts";
import {
  type IssuedTicket,
  type RedeemedTicket,
  type TicketDetails,
  TicketOffice,
} from "./ticket-office.ts";
import {
  checkDetails,
  type EndedSession,
  type SessionDetails,
  toUserSession,
  type UserSession,
} from "./user-session.ts";

export type { UserSessionManagerOptions } from "./session-options.ts";
export type { IssuedTicket, RedeemedTicket, TicketDetails } from "./ticket-office.ts";
export type { EndedSession, SessionDetails, UserSession } from "./user-session.ts";

/**
 * The sign-ins of all users, as this node sees them. The store has them all; this node knows those
 * that it was asked about, and what lives in them here. Every question names the user: a session of
 * somebody else is as unknown as one that never was. If the store fails, so does the question:
 * nobody is let in on a guess.
 */
export class UserSessionManager implements AsyncDisposable {
  readonly #store: SessionStore;
  readonly #options: ResolvedSessionOptions;
  readonly #users: LocalUsers;
  readonly #tickets: TicketOffice;
  readonly #timer: NodeJS.Timeout;
  #isRenewing = false;

  /** @internal Use {@link createUserSessionManager}. */
  constructor(store: SessionStore, options: ResolvedSessionOptions) {
    this.#store = store;
    this.#options = options;
    this.#users = new LocalUsers(options);
    this.#tickets = new TicketOffice(store, this.#users, options);
    this.#timer = setInterval(() => void this.#renewAll(), options.renewMs).unref();
  }

  /**
   * Begins a session. At the limit, the user's session that was idle for longest is replaced, or the
   * oldest if something lives in every one. Rejects with WT_CONTEXT_FORGED, WT_OPTION_INVALID or
   * WT_SCOPE_DISPOSED.
   */
  async create(user: UserContext, details: SessionDetails = {}): Promise<UserSession> {
    this.#assertUsable();
    const sessionId = this.#options.createId();
    const begun = { sessionId, ...checkDetails(details) };
    const session = await this.#askFor(user, sessionId, (terms) =>
      this.#store.create(user, begun, terms),
    );
    this.#assertUsable();
    if (session !== undefined) return session;
    throw new Error("Expected the session store to have the session that it began, got none.");
  }

  /** The user's live session of that id. */
  get(user: UserContext, sessionId: string): Promise<UserSession | undefined> {
    return this.#askFor(user, sessionId, (terms) => this.#store.list(user, terms));
  }

  /** The same, and its idle time begins anew. */
  resume(user: UserContext, sessionId: string): Promise<UserSession | undefined> {
    return this.#askFor(user, sessionId, (terms) => this.#store.touch(user, [sessionId], terms));
  }

  /** Begins the idle time anew; `false` if the user has no live session of that id. */
  async touch(user: UserContext, sessionId: string): Promise<boolean> {
    return (await this.resume(user, sessionId)) !== undefined;
  }

  /**
   * Keeps the session from idling, on every node, for as long as something lives in it here, a
   * connection or a run; answers the disposer, which the end of that thing must call. Age still ends
   * the session. `undefined` if no such session of the user is known here: create, resume or get it
   * first, and let go of what was to live in it if it has ended since.
   */
  attach(user: UserContext, sessionId: string): (() => void) | undefined {
    const local = this.#users.find(user);
    const entry = local?.get(sessionId);
    const terms = this.#users.terms(local);
    if (entry === undefined || isSessionOver(entry.session, terms)) return undefined;
    entry.attachments += 1;
    // The next renewal might come too late for one that has idled before.
    if (terms.now - entry.session.touchedAt >= this.#options.renewMs) void this.#renew(entry);
    return UserSessionManager.#detacher(entry, new WeakRef(this));
  }

  /** The user's live sessions, oldest first. */
  async list(user: UserContext): Promise<readonly UserSession[]> {
    if (this.#users.isDisposed) return [];
    const { live } = await this.#users.ask(user, (terms) => this.#store.list(user, terms));
    return live.map((stored) => toUserSession(user, stored));
  }

  /** Ends a session and voids its tickets; `false` if the user has no live session of that id. */
  async revoke(user: UserContext, sessionId: string): Promise<boolean> {
    if (this.#users.isDisposed) return false;
    const { ended } = await this.#users.ask(user, (terms) =>
      this.#store.end(user, sessionId, terms),
    );
    return ended.some((end) => end.sessionId === sessionId && end.cause === "revoked");
  }

  /** Signs the user out everywhere: ends every session and voids every ticket; answers how many ended. */
  async revokeAll(user: UserContext): Promise<number> {
    if (this.#users.isDisposed) return 0;
    const { ended } = await this.#users.ask(user, (terms) => this.#store.endAll(user, terms));
    return ended.filter(({ cause }) => cause === "revoked").length;
  }

  /** Ends every session known here whose time has come; answers how many. */
  async expire(): Promise<number> {
    const now = this.#options.now();
    let count = 0;
    await this.#users.forEach(async (local) => {
      if (!local.isDue(this.#users.terms(local, now))) return;
      const question: Question = (terms) => this.#store.list(local.user, terms);
      const { ended } = await this.#users.ask(local.user, question);
      count += ended.length;
    });
    return count;
  }

  /**
   * Issues a ticket: a text whose bearer is let in as this user, once, within `ticketMs`. `undefined`
   * if the user has no such live session or the proof has expired. Rejects with WT_CONTEXT_FORGED or
   * WT_SCOPE_DISPOSED.
   */
  async issueTicket(
    user: UserContext,
    details: TicketDetails = {},
  ): Promise<IssuedTicket | undefined> {
    this.#assertUsable();
    return this.#tickets.issue(user, details);
  }

  /**
   * Takes a ticket back and says whom it lets in. `undefined`, and no hint why, for one that was
   * redeemed before, is over, was altered or replaced, whose session or user was signed out, or that
   * never was.
   */
  async redeemTicket(ticket: string): Promise<RedeemedTicket | undefined> {
    return this.#users.isDisposed ? undefined : this.#tickets.redeem(ticket);
  }

  /**
   * Calls `listener` once for every session known here that ends from now on, whoever ended it;
   * answers the disposer. What another node ended is heard of at the next renewal, within a minute,
   * or as soon as the user's sessions are listed here.
   */
  onEnded(listener: (session: EndedSession) => void): () => void {
    return this.#users.ended.add(listener);
  }

  /**
   * Calls `listener` with each user of whom this node has ended sessions, known here or not: other
   * nodes had better look at the store now. Answers the disposer.
   */
  onChanged(listener: (user: UserContext) => void): () => void {
    return this.#users.changed.add(listener);
  }

  /** Forgets every session without telling anybody, and begins no more. The store keeps them. Idempotent. */
  async dispose(): Promise<void> {
    clearInterval(this.#timer);
    this.#users.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #askFor(
    user: UserContext,
    sessionId: string,
    question: Question,
  ): Promise<UserSession | undefined> {
    if (this.#users.isDisposed) return undefined;
    const { live } = await this.#users.ask(user, question, sessionId);
    const stored = live.find((session) => session.sessionId === sessionId);
    return stored === undefined ? undefined : toUserSession(user, stored);
  }

  async #renew({ session }: LocalSession): Promise<void> {
    await this.resume(session.user, session.sessionId).catch((error: unknown) => {
      this.#users.report(error);
    });
  }

  async #renewAll(): Promise<void> {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    try {
      await this.#users.forEach(async (local) => {
        const { user, held } = local;
        if (held.length === 0) return;
        await this.#users.ask(user, (terms) => this.#store.touch(user, held, terms));
      });
      await this.expire();
    } catch (error) {
      this.#users.report(error);
    } finally {
      // A janitor who stumbles once must not stay at home for ever.
      this.#isRenewing = false;
    }
  }

  /** Static, and given all that it needs: what a user keeps must not lead to other users. */
  static #detacher(entry: LocalSession, manager: WeakRef<UserSessionManager>): () => void {
    let isAttached = true;
    return () => {
      if (!isAttached) return;
      isAttached = false;
      const alive = entry.attachments === 1 ? manager.deref() : undefined;
      if (alive === undefined) return void (entry.attachments -= 1);
      // It counts as attached until the store knows when it was left.
      void alive.#renew(entry).finally(() => (entry.attachments -= 1));
    };
  }

  #assertUsable(): void {
    if (!this.#users.isDisposed) return;
    throw new WatertightError(
      "WT_SCOPE_DISPOSED",
      "Expected a live UserSessionManager, got one that is disposed. Make a new runtime to take sign-ins again.",
    );
  }
}

/** Makes the manager of sign-ins over a store, which stays its maker's to dispose. Throws WT_OPTION_INVALID. */
export function createUserSessionManager(
  store: SessionStore,
  options: UserSessionManagerOptions = {},
): UserSessionManager {
  return new UserSessionManager(store, resolveSessionOptions(options));
}
