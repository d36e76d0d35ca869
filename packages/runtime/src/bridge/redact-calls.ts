import { WatertightError } from "../errors.ts";
import type { EventType, WireEvent } from "../protocol/events.ts";
import type { SecretKeys } from "./redact-keys.ts";
import { TextRedactor } from "./redact-text.ts";

type ArgsEvent = Extract<WireEvent, { type: EventType.TOOL_CALL_ARGS | "TOOL_CALL_ARGS" }>;
type ChunkEvent = Extract<WireEvent, { type: EventType.TOOL_CALL_CHUNK | "TOOL_CALL_CHUNK" }>;
/** An event that carries a piece of a call's arguments. */
export type PieceEvent = ArgsEvent | ChunkEvent;

interface Call {
  readonly text: TextRedactor;
  /** The event that brings what was waiting, but for its text. */
  readonly event: PieceEvent;
}

const MAX_CALLS = 1000;
/** Events during which a call told in chunks goes on, and events that end those of every subagent. */
const PASSING: readonly string[] = Object.freeze([
  "RAW",
  "ACTIVITY_SNAPSHOT",
  "ACTIVITY_DELTA",
  "REASONING_ENCRYPTED_VALUE",
  "SUBAGENT_STARTED",
]);
const ENDING_ALL: readonly string[] = Object.freeze([
  "RUN_STARTED",
  "RUN_FINISHED",
  "RUN_ERROR",
  "MESSAGES_SNAPSHOT",
]);

/**
 * The tool calls of one run whose arguments are coming, 1,000 at most, each with a text of its own. A
 * chunk without an id goes on with the call of its subagent, as AG-UI's own client has it, and such a
 * call is over with the next event of that subagent that is none of it.
 */
export class ToolCalls {
  readonly #keys: SecretKeys;
  readonly #calls = new Map<string, Call>();
  /** By subagent, the call that is being told in chunks. */
  readonly #chunked = new Map<string | undefined, string>();

  constructor(keys: SecretKeys) {
    this.#keys = keys;
  }

  /** Takes the next piece of a call; answers what of it can go out now. Throws WT_EVENT_INVALID for a call too many. */
  push(toolCallId: string, event: PieceEvent, delta: string): string {
    const call = this.#calls.get(toolCallId) ?? this.#open(toolCallId, event);
    return call.text.push(delta);
  }

  /** A call of this id begins, or is over: what was waiting of it. */
  end(toolCallId: string): readonly WireEvent[] {
    const waiting = this.#waiting(toolCallId);
    this.#calls.delete(toolCallId);
    for (const [agent, open] of this.#chunked) if (open === toolCallId) this.#chunked.delete(agent);
    return waiting;
  }

  /** The run is over: what was waiting of any call. */
  endAll(): readonly WireEvent[] {
    this.#chunked.clear();
    return [...this.#calls.keys()].flatMap((toolCallId) => this.end(toolCallId));
  }

  /** The id of the call that a chunk belongs to, with what was waiting of the call that it ends. */
  chunk(event: ChunkEvent): { readonly toolCallId: string; readonly before: readonly WireEvent[] } {
    const agent = this.#agentOf(event);
    const open = this.#chunked.get(agent);
    const toolCallId = event.toolCallId ?? open ?? "";
    const before = open === undefined || open === toolCallId ? [] : this.#endChunked(agent);
    if (open === undefined) checkRoom(this.#chunked);
    this.#chunked.set(agent, toolCallId);
    return { toolCallId, before };
  }

  /** What was waiting of calls told in chunks that are over with this event, which is no such chunk. */
  endedBy(event: WireEvent): readonly WireEvent[] {
    if (this.#chunked.size === 0 || PASSING.includes(event.type)) return [];
    if (ENDING_ALL.includes(event.type)) {
      return [...this.#chunked.keys()].flatMap((agent) => this.#endChunked(agent));
    }
    return this.#endChunked("subagentRunId" in event ? event.subagentRunId : undefined);
  }

  #open(toolCallId: string, event: PieceEvent): Call {
    checkRoom(this.#calls);
    const call = { text: new TextRedactor(this.#keys), event: bare(toolCallId, event) };
    this.#calls.set(toolCallId, call);
    return call;
  }

  #waiting(toolCallId: string): readonly WireEvent[] {
    const call = this.#calls.get(toolCallId);
    const delta = call?.text.end() ?? "";
    return call === undefined || delta === "" ? [] : [{ ...call.event, delta }];
  }

  #endChunked(agent: string | undefined): readonly WireEvent[] {
    const toolCallId = this.#chunked.get(agent);
    this.#chunked.delete(agent);
    if (toolCallId === undefined) return [];
    const waiting = this.#waiting(toolCallId);
    // If more should come after all, a secret must not begin anew as plain text.
    if (this.#calls.get(toolCallId)?.text.isWhole === true) this.#calls.delete(toolCallId);
    return waiting;
  }

  #agentOf({ toolCallId, subagentRunId }: ChunkEvent): string | undefined {
    for (const [agent, open] of this.#chunked) if (open === toolCallId) return agent;
    if (toolCallId !== undefined || subagentRunId !== undefined) return subagentRunId;
    if (this.#chunked.has(undefined)) return undefined;
    return [...this.#chunked.keys()].at(-1);
  }
}

function checkRoom({ size }: ReadonlyMap<unknown, unknown>): void {
  if (size < MAX_CALLS) return;
  throw new WatertightError(
    "WT_EVENT_INVALID",
    `Expected a run to have at most ${MAX_CALLS} tool calls whose arguments are coming, got one more. Yield TOOL_CALL_END when the arguments of a call are complete.`,
  );
}

function bare(toolCallId: string, { type, subagentRunId }: PieceEvent): PieceEvent {
  const about = subagentRunId === undefined ? {} : { subagentRunId };
  return { type, toolCallId, delta: "", ...about } as PieceEvent;
}
