import { setImmediate as nextTurn } from "node:timers/promises";
import type { RunAgentInput } from "@ag-ui/core";
import { checkRequest, type RequestContext } from "../context/request-context.ts";
import { checkOwner, type UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import { guardOnError, type OnError } from "../internal/on-error.ts";
import { milliseconds, wholeNumber } from "../internal/options.ts";
import type { AgentEvent } from "../protocol/events.ts";
import type { Agent } from "./agent.ts";
import { checkAgentEvent } from "./agent-event.ts";
import { Run, type RunOutcome } from "./run.ts";

/** Where the life of runs is told: begin once, events in order, end once. */
export interface RunSink {
  readonly begin: (request: RequestContext, agentName: string) => void;
  readonly event: (request: RequestContext, event: AgentEvent) => void;
  readonly end: (request: RequestContext, agentName: string, outcome: RunOutcome) => void;
}

/** Where one user's runs are told of and what they are held to; every limit has a default. */
export interface AgentExecutionRegistryOptions {
  readonly sink: RunSink;
  /** Runs that a user may have going at once. Default: 8. */
  readonly maxConcurrentRuns?: number;
  /** Milliseconds after which a run is ended as timed out. Default: 600,000. */
  readonly runTimeoutMs?: number;
  /** Milliseconds without an event or `progress()` after which an agent is dead. Default: 60,000. */
  readonly progressTimeoutMs?: number;
  /** Ended runs that are remembered, so that a repeated start is no second run. Default: 1,000. */
  readonly maxFinishedRuns?: number;
  /** Hears of agents that fail and of events that can't be told. Default: nobody does. */
  readonly onError?: OnError;
}

/** An agent and the name that it goes by. */
export interface NamedAgent {
  readonly name: string;
  readonly agent: Agent;
}

type ResolvedOptions = Readonly<Required<AgentExecutionRegistryOptions>>;

/**
 * The runs of one user: the user of the request that it was made for. It is kept for the user rather
 * than made for each request, because starting the same run twice, cancelling it from another request
 * and counting a user's runs all need what an earlier request left.
 */
export class AgentExecutionRegistry implements AsyncDisposable {
  readonly user: UserContext;
  readonly #options: ResolvedOptions;
  readonly #active = new Map<string, Run>();
  readonly #finished = new Map<string, Run>();
  #isDisposed = false;

  /** @internal Use {@link createAgentExecutionRegistry}. */
  constructor(user: UserContext, options: ResolvedOptions) {
    this.user = user;
    this.#options = options;
  }

  /**
   * Starts an agent and answers its run; for a run id that this user has used on this thread, the
   * run of then. Throws WT_OWNER_MISMATCH, WT_RUN_CONFLICT (the run id is in use on another thread),
   * WT_RUN_LIMIT or WT_SCOPE_DISPOSED.
   */
  start(request: RequestContext, { name, agent }: NamedAgent, input: RunAgentInput): Run {
    checkOwner(this.user, checkRequest(request).user);
    const known = this.get(request.runId);
    if (known !== undefined) return sameThread(known, request);
    this.#assertRoom();
    const run = new Run(request, name, this.#options);
    this.#active.set(request.runId, run);
    void run.ended.then((outcome) => this.#settle(run, outcome));
    this.#tell(run, () => this.#options.sink.begin(request, name));
    if (run.isActive) void this.#drive(run, agent, input);
    return run;
  }

  /** The user's run of that id, going on or among the last that ended. */
  get(runId: string): Run | undefined {
    return this.#active.get(runId) ?? this.#finished.get(runId);
  }

  /** The runs that are going on, oldest first. */
  list(): readonly Run[] {
    return [...this.#active.values()];
  }

  /** Ends a run that is going on; `false` if this user has none of that id. */
  cancel(runId: string): boolean {
    return this.#active.get(runId)?.end({ status: "cancelled" }) ?? false;
  }

  /** Ends all runs as cancelled and takes no more. Idempotent; waits for no agent. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    const runs = this.list();
    for (const run of runs) run.end({ status: "cancelled" });
    await Promise.all(runs.map((run) => run.ended));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  /**
   * A hung agent stays in this loop for ever; its run ends without it. One that always has something
   * to say lets everybody else have a turn between two events.
   */
  async #drive(run: Run, agent: Agent, input: RunAgentInput): Promise<void> {
    const { user, threadId, runId } = run.request;
    const progress = (): void => run.progress();
    const context = Object.freeze({ user, threadId, runId, signal: run.signal, progress });
    try {
      for await (const event of agent(input, context)) {
        if (!run.isActive) return;
        run.progress();
        this.#tell(run, () => this.#options.sink.event(run.request, checkAgentEvent(event)));
        if (!run.isActive) return;
        await nextTurn();
      }
      run.end({ status: "finished" });
    } catch (error) {
      if (run.end({ status: "failed", error })) this.#options.onError(error, { stage: "agent" });
    }
  }

  #settle(run: Run, outcome: RunOutcome): void {
    const { runId } = run.request;
    this.#active.delete(runId);
    this.#finished.set(runId, run);
    const [oldest] = this.#finished.keys();
    if (this.#finished.size > this.#options.maxFinishedRuns && oldest !== undefined) {
      this.#finished.delete(oldest);
    }
    this.#tell(run, () => this.#options.sink.end(run.request, run.agentName, outcome));
  }

  /** What can't be told ends the run: a user must not wait for events that never come. */
  #tell(run: Run, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#options.onError(error, { stage: "sink" });
      run.end({ status: "failed", error });
    }
  }

  #assertRoom(): void {
    if (this.#isDisposed) {
      throw new WatertightError(
        "WT_SCOPE_DISPOSED",
        "Expected a live AgentExecutionRegistry, got one that is disposed. Ask for the user's registry anew.",
      );
    }
    const { maxConcurrentRuns } = this.#options;
    if (this.#active.size < maxConcurrentRuns) return;
    throw new WatertightError(
      "WT_RUN_LIMIT",
      `Expected at most ${maxConcurrentRuns} runs of a user at once, got one more. Wait for one to end, or cancel it.`,
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
  const {
    sink,
    maxConcurrentRuns = 8,
    runTimeoutMs = 600_000,
    progressTimeoutMs = 60_000,
    maxFinishedRuns = 1000,
    onError,
  } = options;
  const resolved = Object.freeze({
    sink,
    maxConcurrentRuns: wholeNumber("maxConcurrentRuns", maxConcurrentRuns),
    runTimeoutMs: milliseconds("runTimeoutMs", runTimeoutMs),
    progressTimeoutMs: milliseconds("progressTimeoutMs", progressTimeoutMs),
    maxFinishedRuns: wholeNumber("maxFinishedRuns", maxFinishedRuns, 0),
    onError: guardOnError(onError),
  });
  return new AgentExecutionRegistry(checkRequest(request).user, resolved);
}
