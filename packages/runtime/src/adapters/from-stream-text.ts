import { randomUUID } from "node:crypto";
import type { Interrupt, RunAgentInput } from "@ag-ui/core";
import type { Agent, AgentContext, AgentReturn } from "../execution/agent.ts";
import { totalOf } from "../execution/token-usage.ts";
import type { AgentEvent } from "../protocol/events.ts";

/** What is needed of what `streamText` of the AI SDK answers. */
export interface StreamTextResultLike {
  readonly fullStream: AsyncIterable<{ readonly type: string }>;
}

/** How a text stream is told. */
export interface StreamTextOptions {
  /** Makes the ids of messages. Default: a random UUID. */
  readonly createId?: () => string;
}

/** Any part of a `fullStream`: what it has depends on its type. */
interface Part {
  readonly type: string;
  readonly id: string;
  readonly text: string;
  readonly delta: string;
  readonly toolCallId: string;
  readonly toolName: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly preliminary?: boolean;
  readonly isAutomatic?: boolean;
  readonly approvalId: string;
  readonly reason?: string;
  readonly toolCall: { readonly toolCallId: string; readonly toolName: string };
  readonly error: unknown;
  readonly usage?: unknown;
}

/**
 * An agent made of a call of `streamText`. Text, reasoning, steps, tool calls and their results are told as
 * AG-UI events; a tool that waits for an approval interrupts the run; an error fails it. What each step used counts against the user's budget. Pass
 * `abortSignal: context.signal` to `streamText`, or a run that was cancelled goes on to cost money.
 */
export function fromStreamText(
  start: (
    input: RunAgentInput,
    context: AgentContext,
  ) => StreamTextResultLike | Promise<StreamTextResultLike>,
  { createId = randomUUID }: StreamTextOptions = {},
): Agent {
  return async function* (input, context) {
    const { fullStream } = await start(input, context);
    const translation = new Translation(createId);
    for await (const part of fullStream) {
      context.progress();
      if (part.type === "finish-step") context.reportUsage(totalOf((part as Part).usage));
      yield* translation.read(part as Part);
      if (part.type === "finish") return translation.outcome();
      if (part.type === "abort") break;
    }
    if (context.signal.aborted) return undefined;
    throw new Error("Expected the text stream to end with a `finish` part, it stopped");
  };
}

/** One stream, part by part. */
class Translation {
  readonly #createId: () => string;
  /** The provider numbers the messages of a step from 0: in a thread that is no id. */
  readonly #messageIds = new Map<string, string>();
  readonly #startedCalls = new Set<string>();
  readonly #interrupts: Interrupt[] = [];
  #step = 0;

  constructor(createId: () => string) {
    this.#createId = createId;
  }

  outcome(): AgentReturn | undefined {
    return this.#interrupts.length === 0 ? undefined : { interrupts: this.#interrupts };
  }

  read(part: Part): readonly AgentEvent[] {
    switch (part.type) {
      case "start-step":
        this.#step += 1;
        this.#messageIds.clear();
        return [{ type: "STEP_STARTED", stepName: `step ${this.#step}` }];
      case "finish-step":
        return [{ type: "STEP_FINISHED", stepName: `step ${this.#step}` }];
      case "tool-approval-request":
        return this.#askPerson(part);
      case "error":
        throw part.error;
      default:
        return part.type.startsWith("tool-") ? this.#readTool(part) : this.#readText(part);
    }
  }

  #readText(part: Part): readonly AgentEvent[] {
    const messageId = this.#idOf(part);
    const delta = part.text;
    switch (part.type) {
      case "text-start":
        return [{ type: "TEXT_MESSAGE_START", messageId, role: "assistant" }];
      case "text-delta":
        return delta === "" ? [] : [{ type: "TEXT_MESSAGE_CONTENT", messageId, delta }];
      case "text-end":
        return [{ type: "TEXT_MESSAGE_END", messageId }];
      case "reasoning-start":
        return [
          { type: "REASONING_START", messageId },
          { type: "REASONING_MESSAGE_START", messageId, role: "reasoning" },
        ];
      case "reasoning-delta":
        return delta === "" ? [] : [{ type: "REASONING_MESSAGE_CONTENT", messageId, delta }];
      case "reasoning-end":
        return [
          { type: "REASONING_MESSAGE_END", messageId },
          { type: "REASONING_END", messageId },
        ];
      default:
        return [];
    }
  }

  #readTool(part: Part): readonly AgentEvent[] {
    switch (part.type) {
      case "tool-input-start":
        this.#startedCalls.add(part.id);
        return [{ type: "TOOL_CALL_START", toolCallId: part.id, toolCallName: part.toolName }];
      case "tool-input-delta":
        if (part.delta === "") return [];
        return [{ type: "TOOL_CALL_ARGS", toolCallId: part.id, delta: part.delta }];
      case "tool-input-end":
        return [{ type: "TOOL_CALL_END", toolCallId: part.id }];
      case "tool-call":
        return this.#wholeCall(part);
      case "tool-result":
        return part.preliminary === true ? [] : this.#result(part, part.output);
      case "tool-error":
        // What went wrong in there is for the model, not for the wire.
        return this.#result(part, { error: "The tool failed." });
      case "tool-output-denied":
        return this.#result(part, { error: "The tool was not allowed to run." });
      default:
        return [];
    }
  }

  /** A call whose input came at once. */
  #wholeCall({ toolCallId, toolName: toolCallName, input }: Part): readonly AgentEvent[] {
    if (this.#startedCalls.has(toolCallId)) return [];
    return [
      { type: "TOOL_CALL_START", toolCallId, toolCallName },
      { type: "TOOL_CALL_ARGS", toolCallId, delta: textOf(input) },
      { type: "TOOL_CALL_END", toolCallId },
    ];
  }

  #result({ toolCallId }: Part, output: unknown): readonly AgentEvent[] {
    const messageId = this.#createId();
    return [{ type: "TOOL_CALL_RESULT", messageId, toolCallId, content: textOf(output) }];
  }

  #askPerson({ approvalId, isAutomatic, reason, toolCall }: Part): readonly AgentEvent[] {
    if (isAutomatic === true) return [];
    const message = reason ?? `May the tool ${toolCall.toolName} run?`;
    const { toolCallId } = toolCall;
    this.#interrupts.push({ id: approvalId, reason: "tool_approval", message, toolCallId });
    return [];
  }

  #idOf({ type, id }: Part): string {
    const key = `${type.split("-")[0]} ${id}`;
    const known = this.#messageIds.get(key);
    if (known !== undefined) return known;
    const created = this.#createId();
    this.#messageIds.set(key, created);
    return created;
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "null");
}
