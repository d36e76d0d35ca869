import type { RunAgentInput } from "@ag-ui/core";
import { checkRequest, type RequestContext } from "../context/request-context.ts";
import { checkOwner, type UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import type { Disposer } from "../scope/scope.ts";
import type { Agent } from "./agent.ts";
import { checkAgentEvent } from "./agent-event.ts";
import { driveRun, type Ears, outcomeOfError, type Task } from "./drive-run.ts";
import { QueuePlaces } from "./queue-places.ts";
import {
  type AgentExecutionRegistryOptions,
  checkDoubleTexting,
  type RegistryOptions,
  resolveRegistryOptions,
} from "./registry-options.ts";
import { Run, type RunOutcome } from "./run.ts";
import type { Turns } from "./run-scheduler.ts";
import { type DoubleTexting, ThreadLanes } from "./thread-lanes.ts";

export type { AgentExecutionRegistryOptions, RunSink } from "./registry-options.ts";

/** An agent and the name that it goes by. */
export interface NamedAgent {
  readonly name: string;
  readonly agent: Agent;
}

/** How one run is started otherwise than the registry's options say. */
export interface StartOptions {
  readonly doubleTexting?: DoubleTexting | undefined;
}

/**
 * The runs of one user: the user of the request that it was made for. It is kept for the user rather
 * than made for each request, because starting the same run twice, cancelling it from another request
 * and counting a user's runs all need what an earlier request left.
 */
export class AgentExecutionRegistry implements AsyncDisposable {
  readonly user: UserContext;
  readonly #options: RegistryOptions;
  readonly #turns: Turns | undefined;
  readonly #ears: Ears;
  readonly #active = new Map<string, Run>();
  readonly #finished = new Map<string, Run>();
  readonly #lanes = new ThreadLanes();
  readonly #places: QueuePlaces;
  readonly #leave = new Map<Run, Disposer>();
  #isDisposed = false;

  /** @internal Use {@link createAgentExecutionRegistry}. */
  constructor(user: UserContext, options: RegistryOptions, turns: Turns | undefined) {
    const { sink, onError, placeEveryMs } = options;
    this.user = user;
    this.#options = options;
    this.#turns = turns;
    this.#ears = {
      tell: (run, event) =>
        this.#tell(run, () => sink.event(run.request, checkAgentEvent(event, run.request))),
      spend: (tokens) => void this.#turns?.spend(tokens).then((ms) => this.#hold(ms)),
      onError,
    };
    this.#places = new QueuePlaces((run, place) => {
      void this.#tell(run, () => sink.queued?.(run.request, place));
    }, placeEveryMs);
  }

  /**
   * Starts an agent, now or when its turn comes, and answers its run; for a run id that this user has
   * used on this thread, the run of then. Throws WT_OWNER_MISMATCH, WT_RUN_CONFLICT (the run id is in
   * use on another thread), WT_THREAD_BUSY (if asked to), WT_RUN_LIMIT, WT_RUN_QUEUE_FULL,
   * WT_OPTION_INVALID or WT_SCOPE_DISPOSED.
   */
  start(
    request: RequestContext,
    { name, agent }: NamedAgent,
    input: RunAgentInput,
    { doubleTexting = this.#options.doubleTexting }: StartOptions = {},
  ): Run {
    checkOwner(this.user, checkRequest(request).user);
    const known = this.get(request.runId);
    if (known !== undefined) return sameThread(known, request);
    this.#assertUsable();
    this.#lanes.makeWay(request.threadId, checkDoubleTexting(doubleTexting));
    this.#assertRoom();
    const run = new Run(request, name, this.#options, (self, outcome) =>
      this.#settle(self, outcome),
    );
    this.#active.set(request.runId, run);
    void this.#tell(run, () => this.#options.sink.begin(request, name));
    run.listen();
    if (!run.isActive) return run;
    this.#lanes.enter(run, doubleTexting, () => this.#takeTurn(run, { agent, input }));
    if (run.status === "queued") this.#wait(run);
    return run;
  }

  /** The user's run of that id, waiting, going on or among the last that ended. */
  get(runId: string): Run | undefined {
    return this.#active.get(runId) ?? this.#finished.get(runId);
  }

  /** The runs that wait or are going on, oldest first. */
  list(): readonly Run[] {
    return [...this.#active.values()];
  }

  /** Ends a run that waits or is going on; `false` if this user has none of that id. */
  cancel(runId: string): boolean {
    return this.#active.get(runId)?.end({ status: "cancelled" }) ?? false;
  }

  /** Ends all runs as cancelled and takes no more. Idempotent; waits for no agent. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    // The last come first: none that waits gets its turn on the way.
    const runs = [...this.list()].reverse();
    for (const run of runs) run.end({ status: "cancelled" });
    await Promise.all(runs.map((run) => run.ended));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  /** The thread is the run's; what it waits for now is its user's turn. */
  #takeTurn(run: Run, task: Task): void {
    if (!run.isActive) return;
    const go = (): void => {
      this.#places.remove(run);
      if (run.begin()) void driveRun(run, task, this.#ears);
    };
    if (this.#turns === undefined) return go();
    const fail = (error: unknown): void => this.#fail(run, error, "queue");
    this.#leave.set(run, this.#turns.take({ go, fail, hold: (ms) => this.#hold(ms) }));
  }

  #hold(ms: number): void {
    if (ms > 0) this.#places.hold(ms);
  }

  #wait(run: Run): void {
    run.wait();
    if (this.#options.sink.queued !== undefined) this.#places.add(run);
  }

  #settle(run: Run, outcome: RunOutcome): void {
    const { runId } = run.request;
    this.#active.delete(runId);
    this.#finished.set(runId, run);
    const [oldest] = this.#finished.keys();
    if (this.#finished.size > this.#options.maxFinishedRuns && oldest !== undefined) {
      this.#finished.delete(oldest);
    }
    this.#places.remove(run);
    void this.#tell(run, () => this.#options.sink.end(run.request, run.agentName, outcome));
    this.#lanes.leave(run);
    void this.#leave.get(run)?.();
    this.#leave.delete(run);
  }

  /** What can't be told ends the run: a user must not wait for events that never come. */
  #tell(run: Run, tell: () => void | Promise<void>): Promise<void> | undefined {
    try {
      const told = tell();
      return told?.catch((error: unknown) => this.#fail(run, error, "sink"));
    } catch (error) {
      this.#fail(run, error, "sink");
      return undefined;
    }
  }

  #fail(run: Run, error: unknown, stage: string): void {
    this.#options.onError(error, { stage });
    run.end(outcomeOfError(error));
  }

  #assertUsable(): void {
    if (!this.#isDisposed) return;
    throw new WatertightError(
      "WT_SCOPE_DISPOSED",
      "Expected a live AgentExecutionRegistry, got one that is disposed. Ask for the user's registry anew.",
    );
  }

  #assertRoom(): void {
    const { maxConcurrentRuns, maxQueuedRuns } = this.#options;
    if (this.#active.size < maxConcurrentRuns + maxQueuedRuns) return;
    if (maxQueuedRuns === 0) {
      throw new WatertightError(
        "WT_RUN_LIMIT",
        `Expected at most ${maxConcurrentRuns} runs of a user at once, got one more. Wait for one to end, or cancel it.`,
      );
    }
    throw new WatertightError(
      "WT_RUN_QUEUE_FULL",
      `Expected at most ${maxQueuedRuns} runs of a user to wait for their turn, got one more. Wait for one to end, or cancel it.`,
    );
  }
}

function sameThread(run: Run, request: RequestContext): Run {
  if (run.request.threadId === request.threadId) return run;
  throw new WatertightError(
    "WT_RUN_CONFLICT",
    "Expected a run id to stay on the thread that it was first used on, got another thread. Use a new run id.",
  );
}

/** Makes the registry of the runs of the request's user. Throws WT_CONTEXT_FORGED or WT_OPTION_INVALID. */
export function createAgentExecutionRegistry(
  request: RequestContext,
  options: AgentExecutionRegistryOptions,
): AgentExecutionRegistry {
  const { user } = checkRequest(request);
  const resolved = resolveRegistryOptions(options);
  const turns = options.scheduler?.turnsOf(user, resolved.maxConcurrentRuns);
  return new AgentExecutionRegistry(user, resolved, turns);
}
