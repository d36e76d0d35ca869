import { checkUser, type UserContext } from "../../context/user-context.ts";
import { WatertightError } from "../../errors.ts";
import type { QueuedRun, RunClaim, RunQueue, SpentTokens } from "../../execution/run-queue.ts";
import { callable, milliseconds, wholeNumber } from "../../internal/options.ts";
import { Chain, type Link } from "./chain.ts";

/** How long lines and leases may be; every limit has a default. */
export interface MemoryRunQueueOptions {
  /** Runs of one user that may wait. Default: 10,000. */
  readonly maxWaitingRuns?: number;
  /** Milliseconds after which a turn is over that nobody renewed. Default: 60,000. */
  readonly leaseMs?: number;
  /** The clock, in milliseconds. Default: one that does not jump. */
  readonly now?: () => number;
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
  /** The tokens used, since the first use that still counts. */
  window: Link<Window> | undefined;
}

interface Window {
  readonly line: Line;
  readonly endsAt: number;
  budget: number;
  used: number;
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
  /** The windows in the order of their end. */
  readonly #windows = new Chain<Window>();
  #windowTimer: NodeJS.Timeout | undefined;
  readonly #listeners = new Set<() => void>();
  #lastToken = 0;
  #isDisposed = false;

  /** @internal Use {@link createMemoryRunQueue}. */
  constructor(options: Readonly<Required<MemoryRunQueueOptions>>) {
    this.#options = options;
  }

  async enqueue({ user, id, weight, maxClaimed }: QueuedRun): Promise<number> {
    if (this.#isDisposed) throw disposed();
    this.#endWindows();
    const line = this.#lines.get(checkUser(user).key) ?? createLine(user);
    const { maxWaitingRuns } = this.#options;
    if (line.waiting.size >= maxWaitingRuns) throw full(maxWaitingRuns);
    this.#lines.set(user.key, line);
    line.weight = wholeNumber("weight", weight);
    line.maxClaimed = wholeNumber("maxClaimed", maxClaimed);
    line.waiting.set(id, line.order.push(id));
    this.#seat(line);
    return this.#holdMs(line);
  }

  async spend(user: UserContext, { tokens, budget, windowMs }: SpentTokens): Promise<number> {
    if (this.#isDisposed) throw disposed();
    this.#endWindows();
    const line = this.#lines.get(checkUser(user).key) ?? createLine(user);
    this.#lines.set(user.key, line);
    const { value: window } = (line.window ??= this.#openWindow(line, windowMs));
    window.used += wholeNumber("tokens", tokens, 0);
    window.budget = budget;
    this.#seat(line);
    this.#tidy(line);
    return this.#holdMs(line);
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
    this.#endWindows();
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
    clearTimeout(this.#windowTimer);
    this.#listeners.clear();
  }

  /** Puts the user at the end of the ring, if one of the user's runs waits and may have its turn. */
  #seat(line: Line): void {
    if (!isReady(line)) return;
    if (line.seat === undefined) {
      line.credit = line.weight;
      line.seat = this.#ring.push(line);
    }
    for (const listener of this.#listeners) listener();
  }

  /** Who leaves the ring comes back at its end: turns can't be saved up. */
  #tidy(line: Line): void {
    if (!isReady(line) && line.seat !== undefined) {
      this.#ring.remove(line.seat);
      line.seat = undefined;
    }
    const isEmpty = line.waiting.size + line.claimed === 0;
    if (isEmpty && line.window === undefined) this.#lines.delete(line.user.key);
  }

  #goToTheEnd(line: Line): void {
    if (line.seat !== undefined) this.#ring.remove(line.seat);
    line.credit = line.weight;
    line.seat = this.#ring.push(line);
  }

  #openWindow(line: Line, windowMs: number): Link<Window> {
    const endsAt = this.#options.now() + milliseconds("windowMs", windowMs);
    const window = { line, endsAt, budget: Number.POSITIVE_INFINITY, used: 0 };
    const link = this.#windows.insert(window, (other) => other.endsAt <= endsAt);
    this.#awaitWindow();
    return link;
  }

  /** So that whoever waits hears of it; a call that comes first sees it by itself. */
  #awaitWindow(): void {
    const { first } = this.#windows;
    if (first === undefined || this.#windowTimer !== undefined) return;
    const end = (): void => {
      this.#windowTimer = undefined;
      this.#endWindows();
      this.#awaitWindow();
    };
    const leftMs = Math.max(1, Math.ceil(first.endsAt - this.#options.now()));
    this.#windowTimer = setTimeout(end, leftMs).unref();
  }

  #endWindows(): void {
    const now = this.#options.now();
    for (;;) {
      const window = this.#windows.first;
      if (window === undefined || window.endsAt > now) return;
      const { line } = window;
      this.#windows.remove(line.window as Link<Window>);
      line.window = undefined;
      this.#seat(line);
      this.#tidy(line);
    }
  }

  #holdMs({ window }: Line): number {
    if (window === undefined || !isSpent(window)) return 0;
    return Math.max(0, Math.ceil(window.value.endsAt - this.#options.now()));
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

function isReady({ waiting, claimed, maxClaimed, window }: Line): boolean {
  return waiting.size > 0 && claimed < maxClaimed && !isSpent(window);
}

function isSpent(window: Link<Window> | undefined): boolean {
  return window !== undefined && window.value.used >= window.value.budget;
}

function createLine(user: UserContext): Line {
  const state = { weight: 1, maxClaimed: 1, claimed: 0, credit: 1 };
  const places = { seat: undefined, window: undefined };
  return { user, order: new Chain(), waiting: new Map(), ...state, ...places };
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
