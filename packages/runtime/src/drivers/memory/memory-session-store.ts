import type { UserContext } from "../../context/user-context.ts";
import {
  type EndCause,
  isSessionOver,
  isTicketOver,
  type SessionsAnswer,
  type SessionStore,
  type SessionTerms,
  type StoredSession,
  type StoredTicket,
} from "../../session/session-store.ts";

/** What is kept of one user, in the order in which it came. */
interface Slot {
  readonly sessions: Map<string, StoredSession>;
  readonly tickets: Map<string, StoredTicket>;
}

/** One operation on one user's slot, and what ended by it. */
class SlotChange {
  readonly #slot: Slot;
  readonly #terms: SessionTerms;
  readonly #ended: { readonly sessionId: string; readonly cause: EndCause }[] = [];

  constructor(slot: Slot, terms: SessionTerms) {
    this.#slot = slot;
    this.#terms = terms;
    this.#judge();
  }

  create(sessionId: string, device: string | undefined): void {
    const { now, maxSessions } = this.#terms;
    while (this.#slot.sessions.size >= maxSessions) this.end(this.#mostDispensable(), "replaced");
    const label = device === undefined ? {} : { device };
    const session = { sessionId, createdAt: now, touchedAt: now, ...label };
    this.#slot.sessions.set(sessionId, Object.freeze(session));
  }

  touch(sessionId: string): void {
    const session = this.#slot.sessions.get(sessionId);
    if (session === undefined) return;
    this.#slot.sessions.set(sessionId, Object.freeze({ ...session, touchedAt: this.#terms.now }));
  }

  end(sessionId: string, cause: EndCause): void {
    if (!this.#slot.sessions.delete(sessionId)) return;
    this.#ended.push(Object.freeze({ sessionId, cause }));
    for (const [hash, ticket] of this.#slot.tickets) {
      if (ticket.sessionId === sessionId) this.#slot.tickets.delete(hash);
    }
  }

  endAll(): void {
    for (const sessionId of this.#slot.sessions.keys()) this.end(sessionId, "revoked");
    this.#slot.tickets.clear();
  }

  addTicket(ticket: StoredTicket): void {
    const { sessions, tickets } = this.#slot;
    if (ticket.sessionId !== undefined && !sessions.has(ticket.sessionId)) return;
    tickets.set(ticket.hash, Object.freeze({ ...ticket }));
    for (const hash of [...tickets.keys()].slice(0, -this.#terms.maxTickets)) tickets.delete(hash);
  }

  answer(): SessionsAnswer {
    return { live: [...this.#slot.sessions.values()], ended: this.#ended };
  }

  #judge(): void {
    const { now } = this.#terms;
    for (const session of this.#slot.sessions.values()) {
      const { sessionId, createdAt, touchedAt } = session;
      if (isSessionOver(session, this.#terms)) this.end(sessionId, "expired");
      else if (Math.max(createdAt, touchedAt) > now) this.#bringBack(session);
    }
    for (const [hash, ticket] of this.#slot.tickets) {
      if (isTicketOver(ticket, now)) this.#slot.tickets.delete(hash);
    }
  }

  #bringBack(session: StoredSession): void {
    const { now } = this.#terms;
    const createdAt = Math.min(session.createdAt, now);
    const touchedAt = Math.min(session.touchedAt, now);
    const corrected = Object.freeze({ ...session, createdAt, touchedAt });
    this.#slot.sessions.set(session.sessionId, corrected);
  }

  #mostDispensable(): string {
    const { held } = this.#terms;
    const sessions = [...this.#slot.sessions.values()];
    const idle = sessions.filter(({ sessionId }) => !held.includes(sessionId));
    const [first] = idle.length > 0 ? idle.toSorted((a, b) => a.touchedAt - b.touchedAt) : sessions;
    return first?.sessionId ?? "";
  }
}

/**
 * Sessions and tickets in the memory of this process; they end with it. Frees what is over when its
 * user is asked about.
 */
class MemorySessionStore implements SessionStore {
  readonly #slots = new Map<string, Slot>();

  async create(
    user: UserContext,
    { sessionId, device }: { readonly sessionId: string; readonly device?: string },
    terms: SessionTerms,
  ): Promise<SessionsAnswer> {
    return this.#change(user, terms, (change) => change.create(sessionId, device));
  }

  async touch(
    user: UserContext,
    sessionIds: readonly string[],
    terms: SessionTerms,
  ): Promise<SessionsAnswer> {
    return this.#change(user, terms, (change) => {
      for (const sessionId of sessionIds) change.touch(sessionId);
    });
  }

  async list(user: UserContext, terms: SessionTerms): Promise<SessionsAnswer> {
    return this.#change(user, terms, () => {});
  }

  async end(user: UserContext, sessionId: string, terms: SessionTerms): Promise<SessionsAnswer> {
    return this.#change(user, terms, (change) => change.end(sessionId, "revoked"));
  }

  async endAll(user: UserContext, terms: SessionTerms): Promise<SessionsAnswer> {
    return this.#change(user, terms, (change) => change.endAll());
  }

  async addTicket(
    user: UserContext,
    ticket: StoredTicket,
    terms: SessionTerms,
  ): Promise<SessionsAnswer> {
    return this.#change(user, terms, (change) => change.addTicket(ticket));
  }

  async takeTicket(
    user: UserContext,
    hash: string,
    terms: SessionTerms,
  ): Promise<StoredTicket | undefined> {
    const slot = this.#slots.get(user.key);
    const ticket = slot?.tickets.get(hash);
    if (slot === undefined || ticket === undefined) return undefined;
    slot.tickets.delete(hash);
    this.#release(user, slot);
    if (isTicketOver(ticket, terms.now)) return undefined;
    if (ticket.sessionId === undefined) return ticket;
    const session = slot.sessions.get(ticket.sessionId);
    return session === undefined || isSessionOver(session, terms) ? undefined : ticket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#slots.clear();
  }

  /** Atomic because nothing in it waits. */
  #change(
    user: UserContext,
    terms: SessionTerms,
    apply: (change: SlotChange) => void,
  ): SessionsAnswer {
    const slot = this.#slots.get(user.key) ?? { sessions: new Map(), tickets: new Map() };
    this.#slots.set(user.key, slot);
    const change = new SlotChange(slot, terms);
    apply(change);
    this.#release(user, slot);
    return change.answer();
  }

  #release(user: UserContext, { sessions, tickets }: Slot): void {
    if (sessions.size + tickets.size === 0) this.#slots.delete(user.key);
  }
}

/** Makes a store of sessions that lives as long as this process. */
export function createMemorySessionStore(): SessionStore {
  return new MemorySessionStore();
}
