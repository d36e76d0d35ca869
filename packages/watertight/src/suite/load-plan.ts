import type { UserIdentity } from "../simulate/simulated-user.ts";

/** What one user does while the load lasts: so many conversations at once, each with pauses. */
export interface LoadRole {
  readonly identity: UserIdentity;
  /** Requests that the user has in flight at most. */
  readonly loops: number;
  /** How long the user thinks between an answer and the next question, on average. */
  readonly thinkMs: number;
  /** From one question of a loop to the next at least, so that no limit on messages is hit. */
  readonly periodMs: number;
  /** Whether what this user waits for counts. */
  readonly isMeasured: boolean;
}

/** What a lone user costs: the yardstick of all pacing. */
export interface SoloCost {
  /** Work of an operation at the busier end, in milliseconds: the server's, or the suite's own. */
  readonly workMs: number;
  readonly medianMs: number;
}

/**
 * Of a Node server's one thread, the pacing leaves this share busy. What takes longer then, with more
 * users, waits for something else than the processor.
 */
const BUSY_SHARE = 0.3;
/** More operations a second of all users together show nothing more. */
const MAX_PER_SECOND = 500;
/** Between two questions of one user, who is a person, and whom a server may count. */
const MIN_THINK_MS = 15;
const MIN_WINDOW_MS = 1500;
const MAX_WINDOW_MS = 10_000;
const MANY_USERS = 500;
const MANY_WINDOW_MS = 5000;
const MIN_CAP_MS = 3000;

const LADDER: readonly number[] = Object.freeze([1, 5, 10, 20, 50]);
const STEEP_LADDER: readonly number[] = Object.freeze([1, 10, 100, 1000]);
/** Beyond it the steps are powers of ten. */
const LADDER_END = 100;

/** How many users take part, level by level: 1, 5, 10, 20, 50 as far as there are, and all of them. */
export function levelsFor(users: number): readonly number[] {
  const ladder = users <= LADDER_END ? LADDER : STEEP_LADDER;
  return [...ladder.filter((level) => level < users), users];
}

/** How long each of `users` thinks between two operations, so that the server keeps its head above water. */
export function thinkFor(users: number, { workMs }: SoloCost): number {
  const periodMs = Math.max(workMs / BUSY_SHARE, 1000 / MAX_PER_SECOND);
  return Math.max(MIN_THINK_MS, users * periodMs);
}

/** How long a level lasts: a second and a half at least, and three operations. */
export function windowFor(users: number, { medianMs }: SoloCost): number {
  const leastMs = users >= MANY_USERS ? MANY_WINDOW_MS : MIN_WINDOW_MS;
  return Math.min(MAX_WINDOW_MS, Math.max(leastMs, 3 * medianMs));
}

/** After so long an operation is no longer waited for, and counts with that time. */
export function capFor({ medianMs }: SoloCost): number {
  return Math.max(MIN_CAP_MS, 8 * medianMs);
}

/** All users alike, each with one conversation. */
export function politeRoles(
  identities: readonly UserIdentity[],
  thinkMs: number,
): readonly LoadRole[] {
  return identities.map((identity) => ({
    identity,
    loops: 1,
    thinkMs,
    periodMs: 0,
    isMeasured: true,
  }));
}

const CROWD_THINK_MS = 50;
/** What a server that counts the messages of a connection lets pass. */
const MAX_MESSAGES_PER_SECOND = 90;
const MAX_FLOOD = 8;
const MAX_OTHERS = 5;

/**
 * The two crowds of the fairness trial. Both ask equally often, and have equally many requests in
 * flight at most: in one of them they are one user's, on one connection.
 */
export interface Crowds {
  /** Requests in flight. */
  readonly requests: number;
  readonly polite: readonly LoadRole[];
  readonly flood: readonly LoadRole[];
}

/** `undefined` with fewer than three users: beside a user and a flood nobody would be left. */
export function crowdsOf(identities: readonly UserIdentity[]): Crowds | undefined {
  const others = Math.min(MAX_OTHERS, Math.floor(identities.length / 3));
  const requests = Math.min(MAX_FLOOD, identities.length - others);
  if (others < 1 || requests < 2) return undefined;
  const periodMs = (requests * 1000) / MAX_MESSAGES_PER_SECOND;
  const restless = { thinkMs: 0, periodMs, isMeasured: false };
  const crowd = identities.slice(0, requests).map((identity) => ({ ...restless, identity }));
  const beside = politeRoles(identities.slice(requests, requests + others), CROWD_THINK_MS);
  return {
    requests,
    polite: [...crowd.map((role) => ({ ...role, loops: 1 })), ...beside],
    flood: [...crowd.slice(0, 1).map((role) => ({ ...role, loops: requests })), ...beside],
  };
}

/** Users who ask without a pause, so that the server has compiled what it will run. */
export function warmUpRoles(identities: readonly UserIdentity[]): readonly LoadRole[] {
  return politeRoles(identities.slice(0, MAX_FLOOD), MIN_THINK_MS);
}
