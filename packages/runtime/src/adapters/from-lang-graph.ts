import { randomUUID } from "node:crypto";
import type { ResumeEntry, RunAgentInput } from "@ag-ui/core";
import { WatertightError } from "../errors.ts";
import type { Agent, AgentContext } from "../execution/agent.ts";
import { foreignIds } from "./foreign-ids.ts";
import { GraphTranslation } from "./graph-translation.ts";

/** What is needed of a compiled graph of LangGraph.js. */
export interface LangGraphLike {
  stream(input: never, config: never): Promise<AsyncIterable<unknown>>;
}

/** How a graph is used. */
export interface LangGraphOptions {
  /** What the graph begins with. Default: `{ messages }`, with the ids that they have here. */
  readonly toInput?: (input: RunAgentInput, context: AgentContext) => unknown;
  /** What it goes on with after an interrupt, as `(answers) => new Command({ resume: … })`. Default: such a run fails. */
  readonly resume?: (answers: readonly ResumeEntry[], context: AgentContext) => unknown;
  /** More of its config, as `recursionLimit`; `configurable.thread_id` and `signal` are not its to set. */
  readonly config?: (context: AgentContext) => Readonly<Record<string, unknown>>;
  /** Makes the ids of messages that have none. Default: a random UUID. */
  readonly createId?: () => string;
}

/**
 * An agent made of a compiled graph, which may serve all users: the thread that its checkpointer keeps
 * has tenant and user in its id, so that nobody finds the state of somebody else who named a thread
 * alike. What it streams is told as AG-UI events; an `interrupt()` interrupts the run.
 */
export function fromLangGraph(graph: LangGraphLike, options: LangGraphOptions = {}): Agent {
  const { createId = randomUUID } = options;
  return async function* (input, context) {
    const begin = beginningOf(input, context, options);
    const stream = await graph.stream(begin as never, configOf(context, options) as never);
    const translation = new GraphTranslation(createId);
    for await (const item of stream) {
      context.progress();
      yield* translation.read(item);
    }
    yield* translation.close();
    return translation.outcome();
  };
}

function beginningOf(
  input: RunAgentInput,
  context: AgentContext,
  { toInput = messagesOf, resume }: LangGraphOptions,
): unknown {
  if (input.resume === undefined || input.resume.length === 0) return toInput(input, context);
  if (resume !== undefined) return resume(input.resume, context);
  throw new WatertightError(
    "WT_OPTION_INVALID",
    "Expected the option `resume` of fromLangGraph, got a run that goes on after an interrupt and none. Write `resume: ([answer]) => new Command({ resume: answer?.payload })`.",
  );
}

function configOf(
  context: AgentContext,
  { config = () => ({}) }: LangGraphOptions,
): Readonly<Record<string, unknown>> {
  const own = config(context);
  const { threadId } = foreignIds(context);
  return {
    ...own,
    configurable: { ...(own["configurable"] as object | undefined), thread_id: threadId },
    streamMode: ["messages", "updates"],
    signal: context.signal,
  };
}

/** With their ids: a graph that keeps messages takes one that it knows for the same. */
function messagesOf({ messages }: RunAgentInput): unknown {
  return {
    messages: messages.flatMap((message) => {
      const { id, role } = message;
      switch (message.role) {
        case "user":
        case "system":
        case "developer":
          return [{ id, role, content: message.content }];
        case "assistant": {
          const { content = "", toolCalls = [] } = message;
          return [{ id, role, content, tool_calls: toolCalls }];
        }
        case "tool":
          return [{ id, role, content: message.content, tool_call_id: message.toolCallId }];
        default:
          return [];
      }
    }),
  };
}
