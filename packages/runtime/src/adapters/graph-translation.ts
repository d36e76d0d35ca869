import type { Interrupt } from "@ag-ui/core";
import type { AgentReturn } from "../execution/agent.ts";
import type { AgentEvent } from "../protocol/events.ts";

/** A message, or a piece of one, as LangGraph streams it: unchecked. */
interface GraphMessage {
  readonly id?: string;
  readonly type?: string;
  readonly content?: unknown;
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly { id?: string; name?: string; args?: unknown }[];
  readonly tool_call_chunks?: readonly {
    id?: string;
    name?: string;
    args?: string;
    index?: number;
  }[];
}

interface GraphInterrupt {
  readonly id?: string;
  readonly value?: unknown;
}

/** What of one node is open: a message, and the tool calls of it by their place. */
interface OpenNode {
  readonly messageId: string;
  hasText: boolean;
  readonly calls: Map<number, string>;
}

/** What a graph streams in the modes `messages` and `updates`, told as AG-UI events. */
export class GraphTranslation {
  readonly #createId: () => string;
  readonly #open = new Map<string, OpenNode>();
  readonly #interrupts: Interrupt[] = [];

  constructor(createId: () => string) {
    this.#createId = createId;
  }

  outcome(): AgentReturn | undefined {
    return this.#interrupts.length === 0 ? undefined : { interrupts: this.#interrupts };
  }

  read(item: unknown): readonly AgentEvent[] {
    const [mode, chunk] = item as [string, unknown];
    if (mode === "messages") {
      const [message, metadata] = chunk as [GraphMessage, { langgraph_node?: string }];
      return this.#readMessage(message, metadata.langgraph_node ?? "");
    }
    const updates = Object(chunk) as Readonly<Record<string, unknown>>;
    for (const asked of (updates["__interrupt__"] ?? []) as readonly GraphInterrupt[]) {
      this.#interrupts.push(this.#interruptOf(asked));
    }
    return Object.keys(updates).flatMap((node) => this.#close(node));
  }

  /** What is left open when the graph has ended. */
  close(): readonly AgentEvent[] {
    return [...this.#open.keys()].flatMap((node) => this.#close(node));
  }

  #readMessage(message: GraphMessage, node: string): readonly AgentEvent[] {
    if (message.type === "tool") return this.#result(message);
    if (message.type !== "ai") return [];
    const before = this.#open.get(node);
    const isSame = before !== undefined && before.messageId === message.id;
    const closing = isSame ? [] : this.#close(node);
    const messageId = message.id ?? this.#createId();
    const open = isSame ? before : { messageId, hasText: false, calls: new Map() };
    this.#open.set(node, open);
    return [...closing, ...text(open, message.content), ...toolCalls(open, message)];
  }

  #result({ id, tool_call_id: toolCallId = "", content }: GraphMessage): readonly AgentEvent[] {
    const messageId = id ?? this.#createId();
    const told = typeof content === "string" ? content : (JSON.stringify(content) ?? "null");
    return [{ type: "TOOL_CALL_RESULT", messageId, toolCallId, content: told }];
  }

  #close(node: string): readonly AgentEvent[] {
    const open = this.#open.get(node);
    if (open === undefined) return [];
    this.#open.delete(node);
    const calls = [...open.calls.values()].map((toolCallId): AgentEvent => ({
      type: "TOOL_CALL_END",
      toolCallId,
    }));
    if (!open.hasText) return calls;
    return [...calls, { type: "TEXT_MESSAGE_END", messageId: open.messageId }];
  }

  #interruptOf({ id = this.#createId(), value }: GraphInterrupt): Interrupt {
    if (typeof value === "string") return { id, reason: "interrupt", message: value };
    return { id, reason: "interrupt", metadata: { value } };
  }
}

function text(open: OpenNode, content: unknown): readonly AgentEvent[] {
  const delta = textOf(content);
  if (delta === "") return [];
  const { messageId, hasText } = open;
  open.hasText = true;
  const said: AgentEvent = { type: "TEXT_MESSAGE_CONTENT", messageId, delta };
  return hasText ? [said] : [{ type: "TEXT_MESSAGE_START", messageId, role: "assistant" }, said];
}

/** Pieces of calls if the message is one itself, else the calls as they are. */
function toolCalls(open: OpenNode, message: GraphMessage): readonly AgentEvent[] {
  if (message.tool_call_chunks !== undefined) {
    return message.tool_call_chunks.flatMap((chunk) => piece(open, chunk));
  }
  return (message.tool_calls ?? []).flatMap(({ id: toolCallId = "", name = "", args }) => [
    { type: "TOOL_CALL_START", toolCallId, toolCallName: name } as const,
    { type: "TOOL_CALL_ARGS", toolCallId, delta: JSON.stringify(args ?? {}) } as const,
    { type: "TOOL_CALL_END", toolCallId } as const,
  ]);
}

/** Only the first piece of a call has its id; the others have its place. */
function piece(
  { calls, messageId }: OpenNode,
  chunk: NonNullable<GraphMessage["tool_call_chunks"]>[number],
): readonly AgentEvent[] {
  const { index = calls.size, id, name, args = "" } = chunk;
  const known = calls.get(index);
  const toolCallId = known ?? id ?? `${messageId}/${index}`;
  calls.set(index, toolCallId);
  const start: AgentEvent = { type: "TOOL_CALL_START", toolCallId, toolCallName: name ?? "" };
  const said: AgentEvent = { type: "TOOL_CALL_ARGS", toolCallId, delta: args };
  return [...(known === undefined ? [start] : []), ...(args === "" ? [] : [said])];
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  const parts: readonly unknown[] = Array.isArray(content) ? content : [];
  return parts.map((part) => (Object(part) as { text?: string }).text ?? "").join("");
}
