import { checkUser, type UserContext } from "../context/user-context.ts";
import { Observers } from "../internal/observers.ts";
import { withWatchdog } from "../internal/watchdog.ts";
import { LocalSessions } from "./local-sessions.ts";
import type { ResolvedSessionOptions } from "./session-options.ts";
import type { SessionsAnswer, SessionTerms } from "./session-store.ts";
import type { EndedSession } from "./user-session.ts";

/** A question to the store, put by the terms of the moment. */
export type Question = (terms: SessionTerms) => Promise<SessionsAnswer>;

/** Users who are looked at together: many enough to be quick, few enough for any store. */
const BATCH = 64;

/**
 * What this node knows of the sessions of all users, kept up by every answer of the store. Whatever
 * turns out to be over is told once.
 */
export class LocalUsers {
  readonly ended: Observers<EndedSession>;
  /** Users of whom a question put here ended sessions, wherever something lived in them. */
  readonly changed: Observers<UserContext>;
  readonly #options: ResolvedSessionOptions;
  readonly #users = new Map<string, LocalSessions>();
  #isDisposed = false;

  constructor(options: ResolvedSessionOptions) {
    this.#options = options;
    this.ended = new Observers(options.onError);
    this.changed = new Observers(options.onError);
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  find(user: UserContext): LocalSessions | undefined {
    return this.#users.get(checkUser(user).key);
  }

  /** What the store is to judge by, now or at another moment. */
  terms(local: LocalSessions | undefined, now: number = this.#options.now()): SessionTerms {
    const { idleMs, maxAgeMs, maxSessionsPerUser, maxTicketsPerUser } = this.#options;
    const [maxSessions, maxTickets] = [maxSessionsPerUser, maxTicketsPerUser];
    return { now, idleMs, maxAgeMs, maxSessions, maxTickets, held: local?.held ?? [] };
  }

  /** The store keeps a ticket of the user until then. */
  expectTicket(user: UserContext, validUntil: number): void {
    this.#enter(user).expectTicket(validUntil);
  }

  /**
   * Puts a question about the user to the store, in turn, and takes its answer over. From then on the
   * session `asked` for is known here, if it lives.
   */
  async ask(user: UserContext, question: Question, asked?: string): Promise<SessionsAnswer> {
    const local = this.#enter(user);
    // The moment of the call, not that of its turn: what is late must not seem fresh.
    const now = this.#options.now();
    try {
      return await local.inTurn(async () => {
        const terms = this.terms(local, now);
        const answer = await this.watch(question(terms));
        if (this.#isDisposed) return answer;
        this.#tell(local.settle(answer, terms, asked));
        if (answer.ended.length > 0) this.changed.notify(user);
        return answer;
      });
    } finally {
      if (local.isIdle(now)) this.#users.delete(local.user.key);
    }
  }

  /** Rejects if the store takes too long. */
  watch<T>(answer: Promise<T>): Promise<T> {
    return withWatchdog(answer, this.#options.storeTimeoutMs, "The session store");
  }

  /** Does `work` for every user; that it fails for one is reported and keeps no other waiting. */
  async forEach(work: (local: LocalSessions) => Promise<void>): Promise<void> {
    const users = [...this.#users.values()];
    for (let first = 0; first < users.length; first += BATCH) {
      const batch = users.slice(first, first + BATCH);
      await Promise.all(batch.map((local) => work(local).catch((error) => this.report(error))));
    }
  }

  report(error: unknown): void {
    this.#options.onError(error, { stage: "session-store" });
  }

  dispose(): void {
    this.#isDisposed = true;
    this.ended.clear();
    this.changed.clear();
    this.#users.clear();
  }

  #enter(user: UserContext): LocalSessions {
    const known = this.find(user);
    if (known !== undefined) return known;
    const local = new LocalSessions(user);
    if (!this.#isDisposed) this.#users.set(user.key, local);
    return local;
  }

  #tell(ended: readonly EndedSession[]): void {
    for (const session of ended) this.ended.notify(session);
  }
}
