import type { Interrupt, RunAgentInput } from "@ag-ui/core";
import { WatertightError } from "../errors.ts";
import type { Agent, AgentContext, AgentReturn } from "../execution/agent.ts";
import { wholeNumber } from "../internal/options.ts";
import { type AgentEvent, isRunType } from "../protocol/events.ts";
import { EventBuffer } from "./event-buffer.ts";
import { type ForeignIds, foreignIds } from "./foreign-ids.ts";

/** What is needed of an `AbstractAgent` of `@ag-ui/client`, for example an `HttpAgent`. */
export interface AbstractAgentLike {
  run(input: RunAgentInput): {
    subscribe(observer: {
      readonly next: (event: unknown) => void;
      readonly error: (error: unknown) => void;
      readonly complete: () => void;
    }): { unsubscribe(): void };
  };
  abortRun?(): void;
}

/** How an AG-UI agent is used. */
export interface AbstractAgentOptions {
  /**
   * What thread and run are called there. Default: with tenant and user in front, since most agents
   * and what they store know no users.
   */
  readonly ids?: (context: AgentContext) => ForeignIds;
  /** Events that may wait until they are taken; one more fails the run. Default: 10,000. */
  readonly maxBufferedEvents?: number;
}

/** An event of somebody else: unchecked. */
interface ForeignEvent {
  readonly type?: unknown;
  readonly threadId?: unknown;
  readonly runId?: unknown;
  readonly message?: unknown;
  readonly result?: unknown;
  readonly outcome?: { readonly type?: unknown; readonly interrupts?: Interrupt[] } | null;
  readonly metadata?: Readonly<Record<string, unknown>> | null;
}

/**
 * An agent made of AG-UI ones. `createAgent` MUST make a new one each time: they hold the messages and
 * state of whoever uses them. Its RUN_… events become the outcome of the run; a stream that stops
 * without one, or speaks of another thread or run, fails it.
 */
export function fromAbstractAgent(
  createAgent: (context: AgentContext) => AbstractAgentLike,
  { ids = foreignIds, maxBufferedEvents = 10_000 }: AbstractAgentOptions = {},
): Agent {
  wholeNumber("maxBufferedEvents", maxBufferedEvents);
  const used = new WeakSet<AbstractAgentLike>();
  return async function* (input, context) {
    const agent = createAgent(context);
    if (used.has(agent)) throw sharedAgent();
    used.add(agent);
    const sent = ids(context);
    const buffer = new EventBuffer<ForeignEvent>(maxBufferedEvents);
    const stop = subscribe(agent, { ...input, ...sent }, buffer);
    context.signal.addEventListener("abort", stop, { once: true });
    try {
      return yield* translate(buffer.read(), sent, context);
    } finally {
      context.signal.removeEventListener("abort", stop);
      stop();
    }
  };
}

/** Answers how to stop listening, which ends the buffer too. */
function subscribe(
  agent: AbstractAgentLike,
  input: RunAgentInput,
  buffer: EventBuffer<ForeignEvent>,
): () => void {
  const subscription = agent.run(input).subscribe({
    next: (event) => buffer.push(Object(event) as ForeignEvent),
    error: (error) => buffer.fail(error),
    complete: () => buffer.end(),
  });
  return () => {
    subscription.unsubscribe();
    agent.abortRun?.();
    buffer.end();
  };
}

async function* translate(
  events: AsyncIterable<ForeignEvent>,
  sent: ForeignIds,
  own: AgentContext,
): AsyncGenerator<AgentEvent, AgentReturn> {
  for await (const event of events) {
    const { type } = event;
    if (typeof type !== "string" || !isRunType(type)) {
      yield rename(event, sent, own) as unknown as AgentEvent;
      continue;
    }
    assertOwn(event, sent);
    if (type === "RUN_FINISHED") return returnOf(event);
    if (type === "RUN_ERROR") throw new Error(`The agent failed: ${String(event.message)}`);
  }
  throw new Error("Expected the agent's stream to end with RUN_FINISHED or RUN_ERROR, it stopped");
}

function returnOf({ outcome, result }: ForeignEvent): AgentReturn {
  if (outcome?.type === "interrupt") return { interrupts: outcome.interrupts ?? [] };
  if (outcome?.type === "cancelled") throw new Error("The agent cancelled its run");
  return result === undefined ? {} : { result };
}

/** Gives thread and run their names of here; those of anybody else stay, and are refused by the run. */
function rename(event: ForeignEvent, sent: ForeignIds, own: AgentContext): ForeignEvent {
  const { metadata } = event;
  const renamed = renameIds(event, sent, own);
  if (typeof metadata !== "object" || metadata === null) return renamed;
  return { ...renamed, metadata: renameIds(metadata, sent, own) };
}

function renameIds<T extends object>(named: T, sent: ForeignIds, own: AgentContext): T {
  const { threadId, runId } = named as Partial<ForeignIds>;
  return {
    ...named,
    ...(threadId === sent.threadId ? { threadId: own.threadId } : {}),
    ...(runId === sent.runId ? { runId: own.runId } : {}),
  };
}

function assertOwn({ type, threadId, runId }: ForeignEvent, sent: ForeignIds): void {
  const isOwnThread = threadId === undefined || threadId === sent.threadId;
  if (isOwnThread && (runId === undefined || runId === sent.runId)) return;
  throw new WatertightError(
    "WT_EVENT_INVALID",
    `Expected an agent to answer about the run that it was asked for, got ${String(type)} of another thread or run. What it is connected to mixes runs.`,
  );
}

function sharedAgent(): WatertightError {
  return new WatertightError(
    "WT_OPTION_INVALID",
    "Expected `createAgent` to make a new agent for each run, got one that was used before. It holds the messages of the one who used it: write `() => new HttpAgent({ … })`.",
  );
}
