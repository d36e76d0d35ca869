import type { UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import { isSessionOver, type SessionsAnswer, type SessionTerms } from "./session-store.ts";
import { type EndedSession, toUserSession, type UserSession } from "./user-session.ts";

/** A session that this node was asked about, and how much lives in it here. */
export interface LocalSession {
  session: UserSession;
  /** Connections and runs. */
  attachments: number;
}

/** Questions about one user that may wait for the store at once. */
const MAX_WAITING = 1000;

/**
 * What this node knows of one user's sessions. Questions about a user are put to the store in turn,
 * so each answer is the newest: what it does not have is over.
 */
export class LocalSessions {
  readonly user: UserContext;
  readonly #sessions = new Map<string, LocalSession>();
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;
  #ticketsUntil = Number.NEGATIVE_INFINITY;

  constructor(user: UserContext) {
    this.user = user;
  }

  /** The sessions in which something lives here. */
  get held(): readonly string[] {
    const held = [...this.#sessions].filter(([, { attachments }]) => attachments > 0);
    return held.map(([sessionId]) => sessionId);
  }

  get(sessionId: string): LocalSession | undefined {
    return this.#sessions.get(sessionId);
  }

  /** Nothing is known, nothing is asked, and the store keeps no ticket that was issued here. */
  isIdle(now: number): boolean {
    return this.#sessions.size + this.#waiting === 0 && now >= this.#ticketsUntil;
  }

  /** Something here is over, as far as this node knows. */
  isDue(terms: SessionTerms): boolean {
    const sessions = [...this.#sessions.values()];
    if (sessions.length === 0) return terms.now >= this.#ticketsUntil;
    return sessions.some(({ session }) => isSessionOver(session, terms));
  }

  /** The store keeps a ticket for that long. */
  expectTicket(validUntil: number): void {
    this.#ticketsUntil = Math.max(this.#ticketsUntil, validUntil);
  }

  /** Does `work` once all before it is done. Rejects with WT_SESSION_STORE_BUSY if too much waits. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MAX_WAITING) throw busy();
    this.#waiting += 1;
    const result = this.#turn.then(work);
    this.#turn = result.then(ignore, ignore);
    try {
      return await result;
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Takes over what the store says of the sessions known here and of `asked`; answers those that ended. */
  settle(
    { live, ended }: SessionsAnswer,
    terms: SessionTerms,
    asked: string | undefined,
  ): readonly EndedSession[] {
    const causes = new Map(ended.map(({ sessionId, cause }) => [sessionId, cause]));
    const gone = new Map(this.#sessions);
    for (const stored of live) {
      const { sessionId } = stored;
      gone.delete(sessionId);
      const known = this.#sessions.get(sessionId);
      const session = toUserSession(this.user, stored);
      if (known !== undefined) known.session = session;
      else if (sessionId === asked) this.#sessions.set(sessionId, { session, attachments: 0 });
    }
    for (const sessionId of gone.keys()) this.#sessions.delete(sessionId);
    return [...gone].map(([sessionId, { session }]): EndedSession => {
      // What ended elsewhere was told there, and there only.
      const elsewhere = isSessionOver(session, terms) ? "expired" : "revoked";
      return Object.freeze({ ...session, cause: causes.get(sessionId) ?? elsewhere });
    });
  }
}

function busy(): WatertightError {
  return new WatertightError(
    "WT_SESSION_STORE_BUSY",
    `Expected at most ${MAX_WAITING} questions about one user's sessions to wait, got one more. The store answers too slowly, or somebody signs in in a loop: look at the store first.`,
  );
}

function ignore(): void {}
