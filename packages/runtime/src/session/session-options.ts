import { randomUUID } from "node:crypto";
import { guardOnError, type OnError } from "../internal/on-error.ts";
import { callable, milliseconds, wholeNumber } from "../internal/options.ts";

/** How long sessions and tickets live and how many a user may have; every limit has a default. */
export interface UserSessionManagerOptions {
  /** A session that nobody touched for this long expires. Default: 1,800,000 (30 minutes). */
  readonly idleMs?: number;
  /** A session expires at this age, touched or not. Default: 86,400,000 (24 hours). */
  readonly maxAgeMs?: number;
  /** Sessions that a user may have at once; one more replaces the one idle for longest. Default: 20. */
  readonly maxSessionsPerUser?: number;
  /** How long a ticket is good for. Default: 30,000. */
  readonly ticketMs?: number;
  /** Tickets of one user that may wait to be redeemed; one more voids the oldest. Default: 20. */
  readonly maxTicketsPerUser?: number;
  /** How long the store may take to answer; then the question is rejected. Default: 10,000. */
  readonly storeTimeoutMs?: number;
  /** The clock, in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
  /** Default: a random UUID. */
  readonly createId?: () => string;
  /** Hears of listeners that throw, and of a store that fails when nobody waits for it. Default: nobody does. */
  readonly onError?: OnError;
}

/** The options, checked, with defaults and frozen. */
export interface ResolvedSessionOptions extends Readonly<Required<UserSessionManagerOptions>> {
  /** How often the node tells the store what lives in it, and asks what ended elsewhere. */
  readonly renewMs: number;
}

/** Checks every option and fills in the defaults. Throws WT_OPTION_INVALID. */
export function resolveSessionOptions(options: UserSessionManagerOptions): ResolvedSessionOptions {
  const { idleMs = 1_800_000, maxAgeMs = 86_400_000, maxSessionsPerUser = 20 } = options;
  const { ticketMs = 30_000, maxTicketsPerUser = 20, storeTimeoutMs = 10_000 } = options;
  const { now = Date.now, createId = randomUUID, onError } = options;
  const checked = {
    idleMs: wholeNumber("idleMs", idleMs),
    maxAgeMs: wholeNumber("maxAgeMs", maxAgeMs),
    maxSessionsPerUser: wholeNumber("maxSessionsPerUser", maxSessionsPerUser),
    ticketMs: wholeNumber("ticketMs", ticketMs),
    maxTicketsPerUser: wholeNumber("maxTicketsPerUser", maxTicketsPerUser),
    storeTimeoutMs: milliseconds("storeTimeoutMs", storeTimeoutMs),
    now: callable("now", now),
    createId: callable("createId", createId),
    onError: guardOnError(onError),
  };
  // A third of the time that a session may idle: one renewal may fail before another node ends it.
  const renewMs = Math.min(60_000, Math.max(10, Math.floor(Math.min(idleMs, maxAgeMs) / 3)));
  return Object.freeze({ ...checked, renewMs });
}
