import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { EventType } from "@ag-ui/core";
import type { AgentEvent } from "./agent.ts";

/** Up to six words and the space after them, so that joined deltas are the text again. */
const PHRASE = /\s*(?:\S+\s*){1,6}/g;

/** Streams `text` as one message of the assistant, a phrase a turn of the event loop. */
export async function* speak(text: string): AsyncGenerator<AgentEvent> {
  const messageId = randomUUID();
  yield { type: EventType.TEXT_MESSAGE_START, messageId, role: "assistant" };
  for (const delta of text.match(PHRASE) ?? []) {
    yield { type: EventType.TEXT_MESSAGE_CONTENT, messageId, delta };
    await nextTurn();
  }
  yield { type: EventType.TEXT_MESSAGE_END, messageId };
}

/** Tells what the agent is about to do, as a block of reasoning. */
export function* think(thought: string): Generator<AgentEvent> {
  const messageId = randomUUID();
  yield { type: EventType.REASONING_START, messageId };
  yield { type: EventType.REASONING_MESSAGE_START, messageId, role: "reasoning" };
  yield { type: EventType.REASONING_MESSAGE_CONTENT, messageId, delta: thought };
  yield { type: EventType.REASONING_MESSAGE_END, messageId };
  yield { type: EventType.REASONING_END, messageId };
}

/** What a tool is asked, and how it answers. */
export interface ToolUse {
  readonly tool: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly work: () => unknown;
}

/** Uses a tool in sight of the user: the call, its parameters as JSON, and its result as JSON. */
export async function* useTool({ tool, parameters, work }: ToolUse): AsyncGenerator<AgentEvent> {
  const toolCallId = randomUUID();
  yield { type: EventType.TOOL_CALL_START, toolCallId, toolCallName: tool };
  yield { type: EventType.TOOL_CALL_ARGS, toolCallId, delta: JSON.stringify(parameters) };
  yield { type: EventType.TOOL_CALL_END, toolCallId };
  await nextTurn();
  const content = JSON.stringify(work());
  yield { type: EventType.TOOL_CALL_RESULT, messageId: randomUUID(), toolCallId, content };
}
