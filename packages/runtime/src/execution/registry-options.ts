import type { RequestContext } from "../context/request-context.ts";
import { WatertightError } from "../errors.ts";
import { guardOnError, type OnError } from "../internal/on-error.ts";
import { milliseconds, wholeNumber } from "../internal/options.ts";
import type { AgentEvent } from "../protocol/events.ts";
import type { QueuePlace } from "./queue-places.ts";
import type { RunOutcome } from "./run.ts";
import type { RunScheduler } from "./run-scheduler.ts";
import { DOUBLE_TEXTING, type DoubleTexting } from "./thread-lanes.ts";

/**
 * Where the life of runs is told: begin once, events in order, end once. A run begins when it is
 * accepted; one that must wait for its turn is told its place before its first event.
 */
export interface RunSink {
  readonly begin: (request: RequestContext, agentName: string) => void;
  /**
   * What it answers is waited for before the agent is asked for its next event; that wait counts as
   * no silence of the agent, and ends with the run. If it throws or rejects, the run ends as failed.
   */
  readonly event: (request: RequestContext, event: AgentEvent) => void | Promise<void>;
  /** The run waits, in this place among the user's own; called again when it has moved up, now and then. */
  readonly queued?: (request: RequestContext, place: QueuePlace) => void;
  readonly end: (request: RequestContext, agentName: string, outcome: RunOutcome) => void;
}

/** Where one user's runs are told of and what they are held to; every limit has a default. */
export interface AgentExecutionRegistryOptions {
  readonly sink: RunSink;
  /** Gives runs their turns, fairly among all users. Default: none; every run has its turn at once. */
  readonly scheduler?: RunScheduler;
  /** Runs that a user may have going at once. Default: 8. */
  readonly maxConcurrentRuns?: number;
  /** Runs of a user that may wait beyond that; needs a scheduler. Default: 0. */
  readonly maxQueuedRuns?: number;
  /** What a run does to another one of its thread. Default: `parallel`. */
  readonly doubleTexting?: DoubleTexting;
  /** Milliseconds after which a run that waits for its turn is ended as timed out. Default: 600,000. */
  readonly maxQueueWaitMs?: number;
  /** Milliseconds after which a run is ended as timed out, from its turn on. Default: 600,000. */
  readonly runTimeoutMs?: number;
  /** Milliseconds without an event or `progress()` after which an agent is dead. Default: 60,000. */
  readonly progressTimeoutMs?: number;
  /** Milliseconds between two places that a run in the queue is told. Default: 1,000. */
  readonly placeEveryMs?: number;
  /** Ended runs that are remembered, so that a repeated start is no second run. Default: 1,000. */
  readonly maxFinishedRuns?: number;
  /** Hears of agents that fail and of events that can't be told. Default: nobody does. */
  readonly onError?: OnError;
}

/** The options, checked and with defaults; the scheduler, which knows all users, is not among them. */
export type RegistryOptions = Readonly<Required<Omit<AgentExecutionRegistryOptions, "scheduler">>>;

/** Checks every option and fills in the defaults. Throws WT_OPTION_INVALID. */
export function resolveRegistryOptions(options: AgentExecutionRegistryOptions): RegistryOptions {
  const maxQueuedRuns = wholeNumber("maxQueuedRuns", options.maxQueuedRuns ?? 0, 0);
  if (maxQueuedRuns > 0 && options.scheduler === undefined) {
    throw invalid("maxQueuedRuns", "0 without a `scheduler`, which gives queued runs their turns");
  }
  const { doubleTexting = "parallel" } = options;
  return Object.freeze({
    sink: options.sink,
    maxConcurrentRuns: wholeNumber("maxConcurrentRuns", options.maxConcurrentRuns ?? 8),
    maxQueuedRuns,
    doubleTexting: checkDoubleTexting(doubleTexting),
    maxQueueWaitMs: milliseconds("maxQueueWaitMs", options.maxQueueWaitMs ?? 600_000),
    runTimeoutMs: milliseconds("runTimeoutMs", options.runTimeoutMs ?? 600_000),
    progressTimeoutMs: milliseconds("progressTimeoutMs", options.progressTimeoutMs ?? 60_000),
    placeEveryMs: milliseconds("placeEveryMs", options.placeEveryMs ?? 1000),
    maxFinishedRuns: wholeNumber("maxFinishedRuns", options.maxFinishedRuns ?? 1000, 0),
    onError: guardOnError(options.onError),
  });
}

/** Answers `value` if it names a way of double texting; throws WT_OPTION_INVALID otherwise. */
export function checkDoubleTexting(value: DoubleTexting): DoubleTexting {
  if (DOUBLE_TEXTING.includes(value)) return value;
  throw invalid("doubleTexting", `one of ${DOUBLE_TEXTING.join(", ")}`);
}

function invalid(name: string, expected: string): WatertightError {
  return new WatertightError("WT_OPTION_INVALID", `Expected \`${name}\` to be ${expected}`);
}
