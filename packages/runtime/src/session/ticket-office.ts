import { checkUser, type UserContext } from "../context/user-context.ts";
import type { LocalUsers } from "./local-users.ts";
import type { ResolvedSessionOptions } from "./session-options.ts";
import type { SessionStore, StoredTicket } from "./session-store.ts";
import { createTicketText, hashTicket, readTicketOwner } from "./ticket.ts";

/** What a ticket stands for. */
export interface TicketDetails {
  /** The session that its bearer goes on with; without, its bearer begins one. */
  readonly sessionId?: string;
  /** When the proof of who asks for the ticket expires; the ticket does not outlive it. */
  readonly expiresAt?: number;
  /** What the proof allows its bearer. */
  readonly scopes?: readonly string[];
}

/** A ticket, for its user and nobody else. */
export interface IssuedTicket {
  readonly ticket: string;
  /** The moment from which on it is void. */
  readonly expiresAt: number;
}

/** Whom a ticket lets in. `expiresAt` and `scopes` are those of the proof that it was issued for. */
export interface RedeemedTicket extends TicketDetails {
  readonly user: UserContext;
}

/** Issues tickets and takes them back, each once. */
export class TicketOffice {
  readonly #store: SessionStore;
  readonly #users: LocalUsers;
  readonly #options: ResolvedSessionOptions;

  constructor(store: SessionStore, users: LocalUsers, options: ResolvedSessionOptions) {
    this.#store = store;
    this.#users = users;
    this.#options = options;
  }

  async issue(user: UserContext, details: TicketDetails): Promise<IssuedTicket | undefined> {
    const { now, ticketMs } = this.#options;
    const { sessionId, expiresAt = Number.POSITIVE_INFINITY } = details;
    const issuedAt = now();
    const validUntil = Math.min(issuedAt + ticketMs, expiresAt);
    // Asked this way round, an expiry that is no number is none to wait for.
    if (!(validUntil > issuedAt)) return undefined;
    const ticket = createTicketText(checkUser(user));
    const stored = toStored(details, { hash: hashTicket(ticket), issuedAt, validUntil });
    this.#users.expectTicket(user, validUntil);
    const { live } = await this.#users.ask(user, (terms) =>
      this.#store.addTicket(user, stored, terms),
    );
    const isBound = sessionId === undefined || live.some((one) => one.sessionId === sessionId);
    return isBound ? Object.freeze({ ticket, expiresAt: validUntil }) : undefined;
  }

  async redeem(ticket: unknown): Promise<RedeemedTicket | undefined> {
    const user = readTicketOwner(ticket);
    if (user === undefined) return undefined;
    // Not in the user's turn: whoever makes up tickets must not delay somebody else's sign-ins.
    const terms = this.#users.terms(this.#users.find(user));
    const hash = hashTicket(String(ticket));
    const taken = await this.#users.watch(this.#store.takeTicket(user, hash, terms));
    if (taken === undefined) return undefined;
    const { sessionId, proofExpiresAt, scopes } = taken;
    return Object.freeze({
      user,
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(proofExpiresAt === undefined ? {} : { expiresAt: proofExpiresAt }),
      ...(scopes === undefined ? {} : { scopes }),
    });
  }
}

function toStored(
  { sessionId, expiresAt, scopes }: TicketDetails,
  times: Pick<StoredTicket, "hash" | "issuedAt" | "validUntil">,
): StoredTicket {
  return Object.freeze({
    ...times,
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(expiresAt === undefined ? {} : { proofExpiresAt: expiresAt }),
    ...(scopes === undefined ? {} : { scopes: Object.freeze([...scopes]) }),
  });
}
