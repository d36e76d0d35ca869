import type { UserContext } from "../context/user-context.ts";

/** A session as it is kept. */
export interface StoredSession {
  readonly sessionId: string;
  readonly createdAt: number;
  readonly touchedAt: number;
  readonly device?: string;
}

/** A ticket as it is kept: what it stands for, and of its text a hash only. */
export interface StoredTicket {
  /** SHA-256 of the text. */
  readonly hash: string;
  readonly issuedAt: number;
  /** From this moment on it is void. */
  readonly validUntil: number;
  /** The session that it opens; with the session ends the ticket. */
  readonly sessionId?: string;
  /** When the proof that it was issued for expires. */
  readonly proofExpiresAt?: number;
  readonly scopes?: readonly string[];
}

/** Why a session ended. */
export type EndCause = "revoked" | "expired" | "replaced";

/** What a store judges by. Nothing else counts: a store has no clock and no limits of its own. */
export interface SessionTerms {
  /** Milliseconds since the epoch, by the clock of who asks. */
  readonly now: number;
  readonly idleMs: number;
  readonly maxAgeMs: number;
  readonly maxSessions: number;
  readonly maxTickets: number;
  /** The user's sessions in which something lives where the question comes from: they are not idle. */
  readonly held: readonly string[];
}

/** How a user's sessions are after an operation, and which ended by it. */
export interface SessionsAnswer {
  /** Oldest first. */
  readonly live: readonly StoredSession[];
  readonly ended: readonly { readonly sessionId: string; readonly cause: EndCause }[];
}

/**
 * The sessions and tickets of all users. Every operation is of one user, and MUST be atomic: two of
 * one user at once come out as one after the other, on however many nodes. There is no way to ask
 * for a session without saying whose: somebody else's is as unknown as one that never was.
 *
 * Every operation but {@link takeTicket} MUST first end what is over by the terms, as `expired`, and
 * void the tickets of sessions that end and those whose own time is over. A moment that lies ahead of
 * `now` counts as `now`: after a clock was put back, idle time and age begin anew at most.
 *
 * A rejection means that nothing is known; whoever asks lets nobody in. Implementations pass
 * `test/conformance/session-store.ts`.
 */
export interface SessionStore extends AsyncDisposable {
  /**
   * Begins a session. At `maxSessions` it MUST first end others, as `replaced`, until there is room:
   * of those that are not held the one touched longest ago, and only if all are held, the oldest.
   */
  create(
    user: UserContext,
    session: { readonly sessionId: string; readonly device?: string },
    terms: SessionTerms,
  ): Promise<SessionsAnswer>;
  /** Begins the idle time of these sessions anew, as far as they live. */
  touch(
    user: UserContext,
    sessionIds: readonly string[],
    terms: SessionTerms,
  ): Promise<SessionsAnswer>;
  /** Changes nothing but what is over. */
  list(user: UserContext, terms: SessionTerms): Promise<SessionsAnswer>;
  /** Ends a session, as `revoked`. */
  end(user: UserContext, sessionId: string, terms: SessionTerms): Promise<SessionsAnswer>;
  /** Ends all sessions of the user, as `revoked`, and MUST keep nothing of the user, no ticket either. */
  endAll(user: UserContext, terms: SessionTerms): Promise<SessionsAnswer>;
  /**
   * Keeps a ticket; of more than `maxTickets` the oldest goes. MUST keep none that is bound to a
   * session which `live` does not have.
   */
  addTicket(user: UserContext, ticket: StoredTicket, terms: SessionTerms): Promise<SessionsAnswer>;
  /**
   * Hands out the user's ticket of that hash and forgets it: at most one of all who ask gets it.
   * MUST answer `undefined` for one that is unknown, over, or of a session that is over.
   */
  takeTicket(
    user: UserContext,
    hash: string,
    terms: SessionTerms,
  ): Promise<StoredTicket | undefined>;
}

/** Says whether the session's time has come: its age, or its idle time while nothing lives in it. */
export function isSessionOver(
  session: Pick<StoredSession, "sessionId" | "createdAt" | "touchedAt">,
  terms: SessionTerms,
): boolean {
  const { sessionId, createdAt, touchedAt } = session;
  const { now, idleMs, maxAgeMs, held } = terms;
  if (now - createdAt >= maxAgeMs) return true;
  return now - touchedAt >= idleMs && !held.includes(sessionId);
}

/**
 * Says whether the ticket's time is over. So it is, too, once the clock stands further before its
 * issue than it was to be good for: a clock that was put back must not make it last.
 */
export function isTicketOver({ issuedAt, validUntil }: StoredTicket, now: number): boolean {
  return now >= validUntil || now < issuedAt - (validUntil - issuedAt);
}
