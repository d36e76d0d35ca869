import { randomUUID } from "node:crypto";
import type { SendResult, WebSocketManager } from "../connection/web-socket-manager.ts";
import { checkRequest, type RequestContext } from "../context/request-context.ts";
import { checkOwner, checkUser, type UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import { EventType, isTerminalType, type WireEvent } from "../protocol/events.ts";
import { OpenItems } from "./open-items.ts";
import { redactSecrets } from "./redact.ts";

/** Where a bridge takes the ids from that it gives to messages and tool calls. */
export interface AgentWebSocketBridgeOptions {
  /** Default: a random UUID. */
  readonly createId?: () => string;
}

interface OpenRun {
  readonly threadId: string;
  readonly items: OpenItems;
  seq: number;
}

/**
 * Carries the events of one user's runs to that user's connections. Knows the user's own runs only:
 * a run id of somebody else is as unknown as one that never was. Each run has exactly one end.
 */
export class AgentWebSocketBridge {
  readonly user: UserContext;
  readonly #manager: WebSocketManager;
  readonly #createId: () => string;
  readonly #runs = new Map<string, OpenRun>();

  /** @internal Use {@link createAgentWebSocketBridge}. */
  constructor(user: UserContext, manager: WebSocketManager, createId: () => string) {
    this.user = user;
    this.#manager = manager;
    this.#createId = createId;
  }

  /** Runs that have begun and not ended. */
  get openRuns(): number {
    return this.#runs.size;
  }

  /** Opens a run of this user. Throws WT_OWNER_MISMATCH, or WT_RUN_CONFLICT if it is open already. */
  openRun(request: RequestContext): void {
    const { user, runId, threadId } = checkRequest(request);
    checkOwner(this.user, user);
    if (this.#runs.has(runId)) {
      throw new WatertightError(
        "WT_RUN_CONFLICT",
        "Expected a run to be opened once, got the id of one that is open. Use a new run id.",
      );
    }
    this.#runs.set(runId, { threadId, items: new OpenItems(), seq: 0 });
  }

  /**
   * Sends an AG-UI event of a run to every connection of the user, with thread, run and number in a
   * copy of its metadata; the caller's object is neither kept nor changed. A type this runtime does
   * not know passes unchanged. Throws WT_RUN_UNKNOWN for a run that is not open here.
   */
  publish(runId: string, event: WireEvent): SendResult {
    const run = this.#openRun(runId);
    if (event.type === EventType.RUN_FINISHED) {
      for (const closing of run.items.closingEvents()) this.#send(runId, run, closing);
    }
    const result = this.#send(runId, run, event);
    run.items.note(event);
    if (isTerminalType(event.type)) this.#runs.delete(runId);
    return result;
  }

  /** Tells that a run has begun. */
  agentStarted(runId: string): SendResult {
    const { threadId } = this.#openRun(runId);
    const protocolVersion = "1.0";
    return this.publish(runId, { type: EventType.RUN_STARTED, threadId, runId, protocolVersion });
  }

  /** Shows what the agent thinks, as one reasoning message. */
  agentThinking(runId: string, text: string): SendResult {
    const messageId = this.#createId();
    const role = "reasoning";
    this.publish(runId, { type: EventType.REASONING_START, messageId });
    this.publish(runId, { type: EventType.REASONING_MESSAGE_START, messageId, role });
    this.publish(runId, { type: EventType.REASONING_MESSAGE_CONTENT, messageId, delta: text });
    this.publish(runId, { type: EventType.REASONING_MESSAGE_END, messageId });
    return this.publish(runId, { type: EventType.REASONING_END, messageId });
  }

  /** Shows a tool call with its parameters, secrets redacted; answers the id of the call. */
  toolExecuting(runId: string, toolCallName: string, parameters: unknown): string {
    const toolCallId = this.#createId();
    const delta = JSON.stringify(redactSecrets(parameters)) ?? "null";
    this.publish(runId, { type: EventType.TOOL_CALL_START, toolCallId, toolCallName });
    this.publish(runId, { type: EventType.TOOL_CALL_ARGS, toolCallId, delta });
    this.publish(runId, { type: EventType.TOOL_CALL_END, toolCallId });
    return toolCallId;
  }

  /** Shows the result of a tool call, secrets redacted; a result that is a text goes as it is. */
  toolCompleted(runId: string, toolCallId: string, result: unknown): SendResult {
    const content =
      typeof result === "string" ? result : (JSON.stringify(redactSecrets(result)) ?? "null");
    const messageId = this.#createId();
    return this.publish(runId, {
      type: EventType.TOOL_CALL_RESULT,
      messageId,
      toolCallId,
      content,
    });
  }

  /** Ends a run well. */
  agentCompleted(runId: string): SendResult {
    return this.#finish(runId, { type: "success" });
  }

  /** Ends a run that its owner cancelled. */
  agentCancelled(runId: string): SendResult {
    return this.#finish(runId, { type: "cancelled" });
  }

  /** Ends a run that failed; `message` goes to the owner and must not carry internals. */
  agentError(runId: string, code: string, message: string): SendResult {
    return this.publish(runId, { type: EventType.RUN_ERROR, code, message });
  }

  /** Ends a run whose agent was found dead. */
  agentDeath(runId: string, agentName: string, cause: string): SendResult {
    const message = `Agent "${agentName}" died: ${cause}.`;
    return this.agentError(runId, "AGENT_DIED", message);
  }

  /** Shows how far a run has come, as an activity. */
  progress(runId: string, content: Readonly<Record<string, unknown>>): SendResult {
    return this.publish(runId, {
      type: EventType.ACTIVITY_SNAPSHOT,
      messageId: this.#createId(),
      activityType: "progress",
      content: { ...content },
    });
  }

  /** Sends what no other event says, under a name of your own. */
  custom(runId: string, name: string, value: unknown): SendResult {
    return this.publish(runId, { type: EventType.CUSTOM, name, value });
  }

  #finish(runId: string, outcome: { type: "success" } | { type: "cancelled" }): SendResult {
    const { threadId } = this.#openRun(runId);
    return this.publish(runId, { type: EventType.RUN_FINISHED, threadId, runId, outcome });
  }

  #openRun(runId: string): OpenRun {
    const run = this.#runs.get(runId);
    if (run !== undefined) return run;
    throw new WatertightError(
      "WT_RUN_UNKNOWN",
      "Expected the id of a run of this user that is open, got another one. Open it first; after its end nothing can be sent.",
    );
  }

  #send(runId: string, run: OpenRun, event: WireEvent): SendResult {
    const { threadId } = run;
    const seq = run.seq + 1;
    const metadata = { ...event.metadata, threadId, runId, seq };
    const frame = JSON.stringify({ ...event, metadata });
    // What can't be written is not numbered: a client must see no gap.
    run.seq = seq;
    return this.#manager.send(this.user, frame);
  }
}

/** Makes the bridge of one user's runs. Throws WT_CONTEXT_FORGED, or WT_OWNER_MISMATCH for another user's manager. */
export function createAgentWebSocketBridge(
  user: UserContext,
  manager: WebSocketManager,
  options: AgentWebSocketBridgeOptions = {},
): AgentWebSocketBridge {
  checkOwner(checkUser(user), manager.user);
  return new AgentWebSocketBridge(user, manager, options.createId ?? randomUUID);
}
