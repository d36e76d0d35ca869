import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { checkUser, type UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import { guardOnError, type OnError } from "../internal/on-error.ts";
import { callable, milliseconds, wholeNumber } from "../internal/options.ts";
import type { Disposer } from "../scope/scope.ts";
import type { RunClaim, RunQueue } from "./run-queue.ts";
import { AgentDiedError } from "./agent-died-error.ts";

/** How turns are given; every limit has a default. */
export interface RunSchedulerOptions {
  /** Who is next. The one who makes it closes it, after the scheduler. */
  readonly queue: RunQueue;
  /** Runs of all users that may go on at once on this node. Default: 256. */
  readonly maxRunningRuns?: number;
  /** How many turns a user gets for one of another; a whole number, 1 to 1,000. Default: 1. */
  readonly weightOf?: (user: UserContext) => number;
  /**
   * How many tokens a user may use in `tokenWindowMs`; from that number on the user's runs wait. A
   * whole number from 1. Default: as many as there are.
   */
  readonly tokenBudgetOf?: (user: UserContext) => number;
  /** Milliseconds from the first use of tokens on for which uses are added up. Default: 60,000. */
  readonly tokenWindowMs?: number;
  /** Milliseconds between two renewals of leases; a third of what they last, or less. Default: 10,000. */
  readonly renewEveryMs?: number;
  /** Hears of a queue that fails and of weights that are none. Default: nobody does. */
  readonly onError?: OnError;
}

/** What becomes of a run that asked for its turn: one of the two is called, once at most. */
export interface TurnTaker {
  /** The run's turn has come. Must not throw. */
  readonly go: () => void;
  /** The turn can't be had, or was lost. Must not throw. */
  readonly fail: (error: unknown) => void;
  /** The user's token budget is spent: there is no turn for so many milliseconds. Must not throw. */
  readonly hold?: (ms: number) => void;
}

/** One user's way to a turn; leads to no other user. */
export interface Turns {
  /** Asks for a turn. The disposer gives it back, or stops asking; call it when the run has ended. */
  take(taker: TurnTaker): Disposer;
  /**
   * Counts tokens that a run of the user has used. Answers for how many milliseconds the user gets no
   * more turns; 0 if the budget is not spent. Never rejects.
   */
  spend(tokens: number): Promise<number>;
}

interface Ticket extends TurnTaker {
  readonly user: UserContext;
  readonly id: string;
  claim: RunClaim | undefined;
}

type ResolvedOptions = Readonly<Required<RunSchedulerOptions>>;

const MAX_WEIGHT = 1000;
/** So many runs get their turn before everything else of this process gets one. */
const BURST = 16;

/**
 * Lets the runs of all users of this node have their turns: as many at once as the node bears, in the
 * fair order of its queue. It knows all users, and they know it weakly.
 */
export class RunScheduler implements AsyncDisposable {
  readonly #options: ResolvedOptions;
  readonly #nodeId = randomUUID();
  readonly #tickets = new Map<string, Ticket>();
  readonly #unfollow: () => void;
  readonly #renewal: NodeJS.Timeout;
  #lastId = 0;
  #running = 0;
  #renewedAt = performance.now();
  #pump: "idle" | "busy" | "asked-again" = "idle";
  #isDisposed = false;

  /** @internal Use {@link createRunScheduler}. */
  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#unfollow = options.queue.follow(() => this.#work());
    this.#renewal = setInterval(() => this.#work(), options.renewEveryMs).unref();
  }

  /** Runs of this node that have their turn. */
  get running(): number {
    return this.#running;
  }

  /** Runs of this node that wait for their turn. */
  get waiting(): number {
    return this.#tickets.size - this.#running;
  }

  /** The turns of one user, of whose runs `maxRunning` may go on at once. Throws WT_CONTEXT_FORGED. */
  turnsOf(user: UserContext, maxRunning: number): Turns {
    return createTurns(new WeakRef(this), checkUser(user), maxRunning);
  }

  /** @internal Asks for a turn; answers the id to {@link leave} with. */
  enter(user: UserContext, maxClaimed: number, taker: TurnTaker): string {
    this.#lastId += 1;
    const id = `${this.#nodeId}.${this.#lastId}`;
    const ticket: Ticket = { ...taker, user, id, claim: undefined };
    this.#tickets.set(id, ticket);
    void this.#enqueue(ticket, maxClaimed);
    return id;
  }

  /** @internal Counts tokens; what {@link Turns.spend} answers. */
  async spend(user: UserContext, tokens: number): Promise<number> {
    const budget = this.#budgetOf(user);
    if (budget === Number.POSITIVE_INFINITY || this.#isDisposed) return 0;
    const { queue, tokenWindowMs: windowMs, onError } = this.#options;
    try {
      return await queue.spend(user, { tokens, budget, windowMs });
    } catch (error) {
      onError(error, { stage: "queue" });
      return 0;
    }
  }

  /** @internal Gives a turn back, or stops asking for it. Idempotent. */
  leave(id: string): void {
    const ticket = this.#tickets.get(id);
    if (ticket === undefined) return;
    this.#tickets.delete(id);
    const { queue } = this.#options;
    if (ticket.claim === undefined) return this.#try(queue.cancel(ticket.user, id));
    this.#running -= 1;
    this.#try(queue.release(ticket.claim));
    this.#work();
  }

  /** Gives no more turns; who waits fails with WT_SCOPE_DISPOSED. Idempotent. */
  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    clearInterval(this.#renewal);
    this.#unfollow();
    const tickets = [...this.#tickets.values()];
    for (const ticket of tickets) if (ticket.claim === undefined) ticket.fail(disposed());
    for (const { id } of tickets) this.leave(id);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #enqueue(ticket: Ticket, maxClaimed: number): Promise<void> {
    const { user, id } = ticket;
    try {
      if (this.#isDisposed) throw disposed();
      const weight = this.#weightOf(user);
      const holdMs = await this.#options.queue.enqueue({ user, id, weight, maxClaimed });
      if (holdMs > 0) ticket.hold?.(holdMs);
    } catch (error) {
      if (this.#tickets.delete(id)) ticket.fail(error);
    }
  }

  /** One at a time gives turns; who asks meanwhile has it go around once more. */
  #work(): void {
    const isBusy = this.#pump !== "idle";
    this.#pump = isBusy ? "asked-again" : "busy";
    if (!isBusy) void this.#giveTurns();
  }

  async #giveTurns(): Promise<void> {
    do {
      this.#pump = "busy";
      try {
        await this.#renew();
        await this.#claimAll();
      } catch (error) {
        this.#options.onError(error, { stage: "queue" });
      }
    } while ((this.#pump as string) === "asked-again");
    this.#pump = "idle";
  }

  async #claimAll(): Promise<void> {
    const { queue, maxRunningRuns } = this.#options;
    for (let given = 1; this.#running < maxRunningRuns && !this.#isDisposed; given += 1) {
      const claim = await queue.claim();
      if (claim === undefined) return;
      this.#grant(claim);
      if (given % BURST === 0) await nextTurn();
    }
  }

  #grant(claim: RunClaim): void {
    const ticket = this.#tickets.get(claim.id);
    // It left while its claim was on the way.
    if (ticket === undefined) return this.#try(this.#options.queue.release(claim));
    ticket.claim = claim;
    this.#running += 1;
    ticket.go();
  }

  /** Before a claim, so that a loop that stood still for long takes nobody's turn away. */
  async #renew(): Promise<void> {
    const { queue, renewEveryMs } = this.#options;
    if (performance.now() - this.#renewedAt < renewEveryMs - 1) return;
    this.#renewedAt = performance.now();
    const claims = [...this.#tickets.values()].flatMap(({ claim }) => claim ?? []);
    if (claims.length === 0) return;
    for (const { id } of await queue.renew(claims)) {
      const ticket = this.#tickets.get(id);
      if (ticket !== undefined) ticket.fail(new AgentDiedError("its turn was taken away"));
      this.leave(id);
    }
  }

  #weightOf(user: UserContext): number {
    try {
      const weight = wholeNumber("weightOf(user)", this.#options.weightOf(user));
      return Math.min(weight, MAX_WEIGHT);
    } catch (error) {
      this.#options.onError(error, { stage: "queue" });
      return 1;
    }
  }

  /** Of what is no budget the operator hears; it keeps nobody from working. */
  #budgetOf(user: UserContext): number {
    const unlimited = Number.POSITIVE_INFINITY;
    try {
      const budget = this.#options.tokenBudgetOf(user);
      return budget === unlimited ? budget : wholeNumber("tokenBudgetOf(user)", budget);
    } catch (error) {
      this.#options.onError(error, { stage: "queue" });
      return unlimited;
    }
  }

  #try(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#options.onError(error, { stage: "queue" }));
  }
}

/** A function of its own: what a user holds must lead to the scheduler weakly at most. */
function createTurns(
  scheduler: WeakRef<RunScheduler>,
  user: UserContext,
  maxRunning: number,
): Turns {
  return Object.freeze<Turns>({
    take(taker) {
      const id = scheduler.deref()?.enter(user, maxRunning, taker);
      if (id === undefined) queueMicrotask(() => taker.fail(disposed()));
      return () => (id === undefined ? undefined : scheduler.deref()?.leave(id));
    },
    spend: async (tokens) => (await scheduler.deref()?.spend(user, tokens)) ?? 0,
  });
}

function disposed(): WatertightError {
  return new WatertightError(
    "WT_SCOPE_DISPOSED",
    "Expected a live RunScheduler, got one that is disposed. Dispose the registries of its users first.",
  );
}

/** Makes what gives turns to all users of this node. Throws WT_OPTION_INVALID. */
export function createRunScheduler(options: RunSchedulerOptions): RunScheduler {
  const { queue, maxRunningRuns = 256, weightOf = () => 1, renewEveryMs = 10_000 } = options;
  const { tokenBudgetOf = () => Number.POSITIVE_INFINITY, tokenWindowMs = 60_000 } = options;
  const resolved = Object.freeze({
    queue,
    maxRunningRuns: wholeNumber("maxRunningRuns", maxRunningRuns),
    weightOf: callable("weightOf", weightOf),
    tokenBudgetOf: callable("tokenBudgetOf", tokenBudgetOf),
    tokenWindowMs: milliseconds("tokenWindowMs", tokenWindowMs),
    renewEveryMs: milliseconds("renewEveryMs", renewEveryMs),
    onError: guardOnError(options.onError),
  });
  return new RunScheduler(resolved);
}
