import { randomUUID } from "node:crypto";
import type { Interrupt, RunFinishedEvent } from "@ag-ui/core";
import type { SendResult, WebSocketManager } from "../connection/web-socket-manager.ts";
import { checkRequest, type RequestContext } from "../context/request-context.ts";
import { checkOwner, checkUser, type UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import type { LoggedRun } from "../event-log/event-log.ts";
import { EventType, isTerminalType, type WireEvent } from "../protocol/events.ts";
import { OpenItems } from "./open-items.ts";
import { createSecretKeys, type SecretKeys } from "./redact-keys.ts";
import { createRedactor, type Redactor } from "./redactor.ts";

/** Where a bridge takes the ids from that it gives to messages and tool calls. */
export interface AgentWebSocketBridgeOptions {
  /** Default: a random UUID. */
  readonly createId?: () => string;
  /** The keys whose values are secrets; share one table among all bridges. Default: the common ones. */
  readonly secretKeys?: SecretKeys;
}

interface OpenRun {
  readonly threadId: string;
  readonly agentName: string;
  readonly items: OpenItems;
  readonly redactor: Redactor;
  seq: number;
  /** What became of the last event: one that is secret from end to end shares its fate. */
  said: Promise<SendResult>;
}

/**
 * Carries the events of one user's runs to that user's connections. Knows the user's own runs only:
 * a run id of somebody else is as unknown as one that never was. Each run has exactly one end.
 */
export class AgentWebSocketBridge {
  readonly user: UserContext;
  readonly #manager: WebSocketManager;
  readonly #options: Required<AgentWebSocketBridgeOptions>;
  readonly #runs = new Map<string, OpenRun>();

  /** @internal Use {@link createAgentWebSocketBridge}. */
  constructor(
    user: UserContext,
    manager: WebSocketManager,
    options: Required<AgentWebSocketBridgeOptions>,
  ) {
    this.user = user;
    this.#manager = manager;
    this.#options = options;
  }

  /** Runs that have begun and not ended. */
  get openRuns(): number {
    return this.#runs.size;
  }

  /** Opens a run of this user. Throws WT_OWNER_MISMATCH, or WT_RUN_CONFLICT if it is open already. */
  openRun(request: RequestContext, agentName = "agent"): void {
    const { user, runId, threadId } = checkRequest(request);
    checkOwner(this.user, user);
    this.#open(runId, { threadId, agentName, seq: 0 });
  }

  /**
   * Takes up a run that the user's log knows without an end, of which `seq` events were told, so that
   * it can be ended. Throws WT_RUN_CONFLICT if it is open here.
   */
  reopenRun(run: LoggedRun, seq: number): void {
    this.#open(run.runId, { threadId: run.threadId, agentName: run.agentName, seq });
  }

  /**
   * Brings an AG-UI event of a run to every connection of the user, with thread, run and number in a
   * copy of its metadata; the caller's object is neither kept nor changed. A type this runtime does
   * not know passes unchanged. Throws WT_RUN_UNKNOWN for a run that is not open here; what it answers
   * never rejects.
   */
  publish(runId: string, event: WireEvent): Promise<SendResult> {
    const run = this.#openRun(runId);
    const isFinish = event.type === EventType.RUN_FINISHED;
    for (const said of isFinish ? [...run.items.closingEvents(), event] : [event]) {
      for (const safe of run.redactor.redact(said)) run.said = this.#send(runId, run, safe);
    }
    run.items.note(event);
    if (isTerminalType(event.type)) this.#runs.delete(runId);
    return run.said;
  }

  /** Tells that a run has begun. */
  agentStarted(runId: string): Promise<SendResult> {
    const { threadId } = this.#openRun(runId);
    const protocolVersion = "1.0";
    return this.publish(runId, { type: EventType.RUN_STARTED, threadId, runId, protocolVersion });
  }

  /** Shows what the agent thinks, as one reasoning message. */
  agentThinking(runId: string, text: string): Promise<SendResult> {
    const messageId = this.#options.createId();
    const role = "reasoning";
    void this.publish(runId, { type: EventType.REASONING_START, messageId });
    void this.publish(runId, { type: EventType.REASONING_MESSAGE_START, messageId, role });
    void this.publish(runId, { type: EventType.REASONING_MESSAGE_CONTENT, messageId, delta: text });
    void this.publish(runId, { type: EventType.REASONING_MESSAGE_END, messageId });
    return this.publish(runId, { type: EventType.REASONING_END, messageId });
  }

  /** Shows a tool call with its parameters, secrets redacted; answers the id of the call. */
  toolExecuting(runId: string, toolCallName: string, parameters: unknown): string {
    const toolCallId = this.#options.createId();
    const delta = JSON.stringify(parameters) ?? "null";
    void this.publish(runId, { type: EventType.TOOL_CALL_START, toolCallId, toolCallName });
    void this.publish(runId, { type: EventType.TOOL_CALL_ARGS, toolCallId, delta });
    void this.publish(runId, { type: EventType.TOOL_CALL_END, toolCallId });
    return toolCallId;
  }

  /** Shows the result of a tool call, secrets redacted, also in a text that is JSON. */
  toolCompleted(runId: string, toolCallId: string, result: unknown): Promise<SendResult> {
    const content = typeof result === "string" ? result : (JSON.stringify(result) ?? "null");
    const messageId = this.#options.createId();
    return this.publish(runId, {
      type: EventType.TOOL_CALL_RESULT,
      messageId,
      toolCallId,
      content,
    });
  }

  /** Ends a run well, with what it came to if it came to something. */
  agentCompleted(runId: string, result?: unknown): Promise<SendResult> {
    return this.#finish(runId, { outcome: { type: "success" }, ...about({ result }) });
  }

  /** Ends a run that waits for a person; a new run carries the answers in `resume`. */
  agentInterrupted(runId: string, interrupts: readonly Interrupt[]): Promise<SendResult> {
    return this.#finish(runId, { outcome: { type: "interrupt", interrupts: [...interrupts] } });
  }

  /** Ends a run that its owner cancelled. */
  agentCancelled(runId: string): Promise<SendResult> {
    return this.#finish(runId, { outcome: { type: "cancelled" } });
  }

  /** Ends a run that failed; `message` goes to the owner and must not carry internals. */
  agentError(runId: string, code: string, message: string): Promise<SendResult> {
    return this.publish(runId, { type: EventType.RUN_ERROR, code, message });
  }

  /** Ends a run whose agent was found dead. */
  agentDeath(runId: string, agentName: string, cause: string): Promise<SendResult> {
    const message = `Agent "${agentName}" died: ${cause}.`;
    return this.agentError(runId, "AGENT_DIED", message);
  }

  /** Shows how far a run has come, as an activity. */
  progress(runId: string, content: Readonly<Record<string, unknown>>): Promise<SendResult> {
    return this.publish(runId, {
      type: EventType.ACTIVITY_SNAPSHOT,
      messageId: this.#options.createId(),
      activityType: "progress",
      content: { ...content },
    });
  }

  /** Sends what no other event says, under a name of your own. */
  custom(runId: string, name: string, value: unknown): Promise<SendResult> {
    return this.publish(runId, { type: EventType.CUSTOM, name, value });
  }

  #finish(runId: string, end: Pick<RunFinishedEvent, "outcome" | "result">): Promise<SendResult> {
    const { threadId } = this.#openRun(runId);
    return this.publish(runId, { type: EventType.RUN_FINISHED, threadId, runId, ...end });
  }

  #open(runId: string, run: Pick<OpenRun, "threadId" | "agentName" | "seq">): void {
    if (this.#runs.has(runId)) {
      throw new WatertightError(
        "WT_RUN_CONFLICT",
        "Expected a run to be opened once, got the id of one that is open. Use a new run id.",
      );
    }
    const redactor = createRedactor(this.#options.secretKeys);
    this.#runs.set(runId, {
      ...run,
      items: new OpenItems(),
      redactor,
      said: Promise.resolve(UNSAID),
    });
  }

  #openRun(runId: string): OpenRun {
    const run = this.#runs.get(runId);
    if (run !== undefined) return run;
    throw new WatertightError(
      "WT_RUN_UNKNOWN",
      "Expected the id of a run of this user that is open, got another one. Open it first; after its end nothing can be sent.",
    );
  }

  #send(runId: string, run: OpenRun, event: WireEvent): Promise<SendResult> {
    const { threadId, agentName } = run;
    const seq = run.seq + 1;
    const { metadata: own, ...rest } = event;
    // Last, and never empty: a position is put in at its end.
    const frame = JSON.stringify({ ...rest, metadata: { ...own, threadId, runId, seq } });
    // What can't be written is not numbered: a client must see no gap.
    run.seq = seq;
    const isBegin = seq === 1 && event.type === EventType.RUN_STARTED;
    const record = { threadId, runId, frame };
    if (isBegin) return this.#manager.publish(this.user, { ...record, kind: "begin", agentName });
    const kind = isTerminalType(event.type) ? "end" : "event";
    return this.#manager.publish(this.user, { ...record, kind });
  }
}

/** Of a run that has said nothing; it begins with an event that has no secrets, so nobody is told this. */
const UNSAID: SendResult = Object.freeze({ status: "refused", reason: "no-connection" });

function about({ result }: { readonly result: unknown }): { readonly result?: unknown } {
  return result === undefined ? {} : { result };
}

/** Makes the bridge of one user's runs. Throws WT_CONTEXT_FORGED, or WT_OWNER_MISMATCH for another user's manager. */
export function createAgentWebSocketBridge(
  user: UserContext,
  manager: WebSocketManager,
  options: AgentWebSocketBridgeOptions = {},
): AgentWebSocketBridge {
  checkOwner(checkUser(user), manager.user);
  const { createId = randomUUID, secretKeys = createSecretKeys() } = options;
  return new AgentWebSocketBridge(user, manager, Object.freeze({ createId, secretKeys }));
}
