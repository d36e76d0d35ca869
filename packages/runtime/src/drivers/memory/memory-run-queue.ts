import { checkUser, type UserContext } from "../../context/user-context.ts";
import { WatertightError } from "../../errors.ts";
import type { QueuedRun, RunClaim, RunQueue } from "../../execution/run-queue.ts";
import { callable, milliseconds, wholeNumber } from "../../internal/options.ts";

/** How long lines and leases may be; every limit has a default. */
export interface MemoryRunQueueOptions {
  /** Runs of one user that may wait. Default: 10,000. */
  readonly maxWaitingRuns?: number;
  /** Milliseconds after which a turn is over that nobody renewed. Default: 60,000. */
  readonly leaseMs?: number;
  /** The clock, in milliseconds. Default: one that does not jump. */
  readonly now?: () => number;
}

interface Link<T> {
  readonly value: T;
  before: Link<T> | undefined;
  after: Link<T> | undefined;
}

/** A list that is taken from and put to anywhere in a time that does not depend on its length, as a Map's is. */
class Chain<T> {
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;

  get first(): T | undefined {
    return this.#first?.value;
  }

  push(value: T): Link<T> {
    const link: Link<T> = { value, before: this.#last, after: undefined };
    if (this.#last === undefined) this.#first = link;
    else this.#last.after = link;
    this.#last = link;
    return link;
  }

  remove({ before, after }: Link<T>): void {
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
  }
}

/** What waits of one user, and what has its turn. */
interface Line {
  readonly user: UserContext;
  readonly order: Chain<string>;
  readonly waiting: Map<string, Link<string>>;
  weight: number;
  maxClaimed: number;
  claimed: number;
  /** Turns that the user may still have before the next user comes. */
  credit: number;
  /** Where the user is in the ring: undefined without a run that waits, or with none that may go. */
  seat: Link<Line> | undefined;
}

interface Lease {
  readonly line: Line;
  readonly claim: RunClaim;
  readonly endsAt: number;
}

/** The queue of the runs of this process, in its memory: gone with it. */
export class MemoryRunQueue implements RunQueue {
  readonly #options: Readonly<Required<MemoryRunQueueOptions>>;
  readonly #lines = new Map<string, Line>();
  readonly #ring = new Chain<Line>();
  /** The leases in the order of their end. */
  readonly #leases = new Chain<Lease>();
  readonly #leaseOf = new Map<number, Link<Lease>>();
  readonly #listeners = new Set<() => void>();
  #lastToken = 0;
  #isDisposed = false;

  /** @internal Use {@link createMemoryRunQueue}. */
  constructor(options: Readonly<Required<MemoryRunQueueOptions>>) {
    this.#options = options;
  }

  async enqueue({ user, id, weight, maxClaimed }: QueuedRun): Promise<void> {
    if (this.#isDisposed) throw disposed();
    const line = this.#lines.get(checkUser(user).key) ?? createLine(user);
    const { maxWaitingRuns } = this.#options;
    if (line.waiting.size >= maxWaitingRuns) throw full(maxWaitingRuns);
    this.#lines.set(user.key, line);
    line.weight = wholeNumber("weight", weight);
    line.maxClaimed = wholeNumber("maxClaimed", maxClaimed);
    line.waiting.set(id, line.order.push(id));
    this.#seat(line);
  }

  async cancel(user: UserContext, id: string): Promise<boolean> {
    const line = this.#lines.get(user.key);
    const link = line?.waiting.get(id);
    if (line === undefined || link === undefined) return false;
    line.order.remove(link);
    line.waiting.delete(id);
    this.#tidy(line);
    return true;
  }

  async claim(): Promise<RunClaim | undefined> {
    this.#endLeases();
    const line = this.#ring.first;
    const id = line?.order.first;
    if (line === undefined || id === undefined) return undefined;
    line.order.remove(line.waiting.get(id) as Link<string>);
    line.waiting.delete(id);
    line.claimed += 1;
    line.credit -= 1;
    this.#lastToken += 1;
    const claim = Object.freeze({ user: line.user, id, token: this.#lastToken });
    this.#lease(line, claim);
    if (line.credit === 0) this.#goToTheEnd(line);
    this.#tidy(line);
    return claim;
  }

  async renew(claims: readonly RunClaim[]): Promise<readonly RunClaim[]> {
    return claims.filter((claim) => {
      const link = this.#leaseOf.get(claim.token);
      if (link === undefined) return true;
      this.#leases.remove(link);
      this.#lease(link.value.line, claim);
      return false;
    });
  }

  async release({ token }: RunClaim): Promise<boolean> {
    const link = this.#leaseOf.get(token);
    if (link === undefined) return false;
    this.#endLease(link);
    return true;
  }

  follow(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#listeners.clear();
  }

  /** Puts the user at the end of the ring, if one of the user's runs waits and may have its turn. */
  #seat(line: Line): void {
    const isReady = line.waiting.size > 0 && line.claimed < line.maxClaimed;
    if (!isReady) return;
    if (line.seat === undefined) {
      line.credit = line.weight;
      line.seat = this.#ring.push(line);
    }
    for (const listener of this.#listeners) listener();
  }

  /** Who leaves the ring comes back at its end: turns can't be saved up. */
  #tidy(line: Line): void {
    const isReady = line.waiting.size > 0 && line.claimed < line.maxClaimed;
    if (!isReady && line.seat !== undefined) {
      this.#ring.remove(line.seat);
      line.seat = undefined;
    }
    if (line.waiting.size + line.claimed === 0) this.#lines.delete(line.user.key);
  }

  #goToTheEnd(line: Line): void {
    if (line.seat !== undefined) this.#ring.remove(line.seat);
    line.credit = line.weight;
    line.seat = this.#ring.push(line);
  }

  #lease(line: Line, claim: RunClaim): void {
    const endsAt = this.#options.now() + this.#options.leaseMs;
    this.#leaseOf.set(claim.token, this.#leases.push({ line, claim, endsAt }));
  }

  #endLeases(): void {
    const now = this.#options.now();
    for (;;) {
      const lease = this.#leases.first;
      if (lease === undefined || lease.endsAt > now) return;
      this.#endLease(this.#leaseOf.get(lease.claim.token) as Link<Lease>);
    }
  }

  #endLease(link: Link<Lease>): void {
    const { line, claim } = link.value;
    this.#leases.remove(link);
    this.#leaseOf.delete(claim.token);
    line.claimed -= 1;
    this.#seat(line);
    this.#tidy(line);
  }
}

function createLine(user: UserContext): Line {
  const state = { weight: 1, maxClaimed: 1, claimed: 0, credit: 1, seat: undefined };
  return { user, order: new Chain(), waiting: new Map(), ...state };
}

function full(maxWaitingRuns: number): WatertightError {
  return new WatertightError(
    "WT_RUN_QUEUE_FULL",
    `Expected at most ${maxWaitingRuns} runs of a user to wait for their turn, got one more. Wait for one to end, or cancel it.`,
  );
}

function disposed(): WatertightError {
  return new WatertightError(
    "WT_SCOPE_DISPOSED",
    "Expected an open run queue, got one that was disposed. Dispose what uses it first.",
  );
}

/** Makes a queue in the memory of this process. Throws WT_OPTION_INVALID. */
export function createMemoryRunQueue(options: MemoryRunQueueOptions = {}): MemoryRunQueue {
  const { maxWaitingRuns = 10_000, leaseMs = 60_000, now = () => performance.now() } = options;
  const resolved = Object.freeze({
    maxWaitingRuns: wholeNumber("maxWaitingRuns", maxWaitingRuns),
    leaseMs: milliseconds("leaseMs", leaseMs),
    now: callable("now", now),
  });
  return new MemoryRunQueue(resolved);
}
