import { setImmediate as nextTurn } from "node:timers/promises";
import type { RunAgentInput } from "@ag-ui/core";
import { WatertightError } from "../errors.ts";
import type { OnError } from "../internal/on-error.ts";
import { wholeNumber } from "../internal/options.ts";
import type { AgentEvent } from "../protocol/events.ts";
import type { Agent, AgentContext, AgentReturn } from "./agent.ts";
import { AgentDiedError } from "./agent-died-error.ts";
import { outcomeOf } from "./agent-return.ts";
import type { Run, RunOutcome } from "./run.ts";
import { tokensOf } from "./token-usage.ts";

/** What a run does: an agent and what it is asked. */
export interface Task {
  readonly agent: Agent;
  readonly input: RunAgentInput;
}

/** Where it is told what a run says and how it went wrong. */
export interface Ears {
  /** Must not throw or reject; the agent waits for what it answers. */
  readonly tell: (run: Run, event: AgentEvent) => Promise<void> | undefined;
  /** Counts what an agent has used. Must not throw. */
  readonly spend: (tokens: number) => void;
  readonly onError: OnError;
}

type Events = AsyncIterator<AgentEvent, AgentReturn | void>;

/** The agent's iterator for as long as it has not ended: one that has must not be told to. */
interface Work {
  events?: Events | undefined;
}

/**
 * Lets the agent work until it returns or the run ends; never rejects. A hung agent stays in here for
 * ever; its run ends without it, and its iterator is told.
 */
export async function driveRun(run: Run, { agent, input }: Task, ears: Ears): Promise<void> {
  const work: Work = {};
  void run.ended.then(() => letGo(work.events));
  try {
    work.events = iterate(agent(input, contextOf(run, ears)));
    await follow(run, work, work.events, ears);
  } catch (error) {
    work.events = undefined;
    fail(run, error, ears.onError);
  }
}

/** One that always has something to say lets everybody else have a turn between two events. */
async function follow(run: Run, work: Work, events: Events, { tell, spend }: Ears): Promise<void> {
  while (run.isActive) {
    const step = await events.next();
    if (step.done === true) {
      work.events = undefined;
      if (run.isActive) run.end(outcomeOf(step.value));
      return;
    }
    if (!run.isActive) return;
    run.progress();
    const tokens = tokensOf(step.value);
    if (tokens > 0) spend(tokens);
    const told = tell(run, step.value);
    if (told !== undefined) await run.hold(told);
    if (run.isActive) await nextTurn();
  }
}

function contextOf(run: Run, { spend }: Ears): AgentContext {
  const { user, threadId, runId, scopes } = run.request;
  const { signal } = run;
  const progress = (): void => run.progress();
  const reportUsage = (tokens: number): void => spend(wholeNumber("tokens", tokens, 0));
  return Object.freeze({ user, threadId, runId, scopes, signal, progress, reportUsage });
}

function iterate(events: AsyncIterable<AgentEvent, AgentReturn | void>): Events {
  const open: unknown = Object(events)[Symbol.asyncIterator];
  if (typeof open === "function") return events[Symbol.asyncIterator]();
  throw new WatertightError(
    "WT_EVENT_INVALID",
    "Expected an agent to answer an async iterable of events, got something else. Write it as `async function*`.",
  );
}

/** What an agent has to say after its run has ended interests nobody, not even that it failed. */
function letGo(events: Events | undefined): void {
  void (async () => events?.return?.())().catch(() => {});
}

function fail(run: Run, error: unknown, onError: OnError): void {
  if (!run.end(outcomeOfError(error))) return;
  onError(AgentDiedError.is(error) ? (error.error ?? error) : error, { stage: "agent" });
}

/** How a run ends that `error` was thrown in: died if that is what the error says, failed otherwise. */
export function outcomeOfError(error: unknown): RunOutcome {
  if (AgentDiedError.is(error)) return { status: "died", cause: error.cause };
  // A stack that nobody has read holds on to everybody who called, and the outcome is remembered.
  if (error instanceof Error) void error.stack;
  return { status: "failed", error };
}
