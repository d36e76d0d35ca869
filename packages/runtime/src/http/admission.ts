import type { IncomingMessage } from "node:http";
import type { Authenticate, Identity } from "../auth/authenticate.ts";
import { createUserContext, type UserContext } from "../context/user-context.ts";
import type { OnError } from "../internal/on-error.ts";
import type { Monitor } from "../metrics/monitor.ts";
import { withWatchdog } from "../internal/watchdog.ts";

/** What the door needs to know; resolved by `createRuntime`. */
export interface AdmissionOptions {
  readonly authenticate: Authenticate;
  readonly authenticateTimeoutMs: number;
  /** Takes a ticket back and says whom it lets in. */
  readonly redeemTicket: (ticket: string) => Promise<Guest | undefined>;
  readonly allowedOrigins: readonly string[];
  /** Requests that may be asked for their proof at once. */
  readonly maxPendingAdmissions: number;
  readonly monitor: Monitor;
  readonly onError: OnError;
}

/** Who was let in, and until when, in milliseconds since the epoch. */
export interface Guest {
  readonly user: UserContext;
  readonly expiresAt: number;
  /** The session that a ticket was issued for. */
  readonly sessionId?: string | undefined;
  /** What the proof allows its bearer; absent if it does not say. */
  readonly scopes?: readonly string[] | undefined;
}

/** Why somebody was not: an HTTP status and its phrase. */
export type Refusal = readonly [status: number, phrase: string];

const UNAUTHORIZED: Refusal = Object.freeze([401, "Unauthorized"] as const);
const FORBIDDEN: Refusal = Object.freeze([403, "Forbidden"] as const);
const UNAVAILABLE: Refusal = Object.freeze([503, "Service Unavailable"] as const);
export const NOT_FOUND: Refusal = Object.freeze([404, "Not Found"] as const);

/** The one door for sockets and requests: says who asks, or that nobody was proved to. Fails closed. */
export class Admission {
  readonly #options: AdmissionOptions;
  #pending = 0;
  #isClosed = false;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Lets nobody in any more, not even who is being authenticated. */
  close(): void {
    this.#isClosed = true;
  }

  /** Whether a page of that origin may ask; who sends none is no browser. */
  allowsOrigin(origin: string | undefined): boolean {
    return origin === undefined || this.#options.allowedOrigins.includes(origin);
  }

  /** Asks for the proof of who sends `request`: its `?ticket=` if it has one, else what `authenticate` takes. */
  async admit(request: IncomingMessage): Promise<Guest | Refusal> {
    const admitted = await this.#decide(request);
    if (!("user" in admitted)) this.#options.monitor.admissionRefused(admitted[0]);
    return admitted;
  }

  async #decide(request: IncomingMessage): Promise<Guest | Refusal> {
    if (this.#isClosed || this.#pending >= this.#options.maxPendingAdmissions) return UNAVAILABLE;
    if (!this.allowsOrigin(request.headers.origin)) return FORBIDDEN;
    this.#pending += 1;
    const guest = await this.#identify(request).finally(() => (this.#pending -= 1));
    return this.#isClosed ? UNAVAILABLE : (guest ?? UNAUTHORIZED);
  }

  /** Whatever goes wrong here, in whatever way, means that nobody was authenticated. */
  async #identify(request: IncomingMessage): Promise<Guest | undefined> {
    const { authenticate, authenticateTimeoutMs, redeemTicket, onError } = this.#options;
    const ticket = urlOf(request)?.searchParams.get("ticket");
    const work = async (): Promise<Guest | undefined> =>
      typeof ticket === "string" ? redeemTicket(ticket) : guestOf(await authenticate(request));
    try {
      return await withWatchdog(work(), authenticateTimeoutMs, "authenticate()");
    } catch (error) {
      onError(error, { stage: "authenticate" });
      return undefined;
    }
  }
}

function guestOf(identity: Identity | null): Guest | undefined {
  if (identity === null) return undefined;
  const { expiresAt = Number.POSITIVE_INFINITY, scopes } = identity;
  const user = createUserContext(identity);
  return expiresAt > Date.now() ? { user, expiresAt, scopes } : undefined;
}

/** The path and the query that a request names, whatever it wrote. */
export function urlOf({ url = "/" }: IncomingMessage): URL | undefined {
  return URL.canParse(url, "http://localhost") ? new URL(url, "http://localhost") : undefined;
}
