import { EventType, type WireEvent } from "../protocol/events.ts";
import { redactSecrets } from "./redact.ts";
import { type PieceEvent, ToolCalls } from "./redact-calls.ts";
import type { SecretKeys } from "./redact-keys.ts";
import { redactPatch } from "./redact-patch.ts";
import { redactAround, type SchemaPlace } from "./redact-schema.ts";
import { REDACTED, redactText } from "./redact-text.ts";

/** Fields of an event that carries a piece of arguments and nothing else. */
const PIECE_FIELDS: readonly string[] = Object.freeze([
  "type",
  "timestamp",
  "subagentRunId",
  "toolCallId",
  "delta",
  "rawEvent",
]);
/** Events whose `delta` is a piece of something longer, which can't be judged by itself. */
const PIECES = /^(?:(?:TEXT|REASONING|THINKING_TEXT)_MESSAGE|TOOL_CALL)_(?:CONTENT|CHUNK|ARGS)$/;
const INTERRUPTS: SchemaPlace = Object.freeze({ list: "interrupts", schema: "responseSchema" });
const TOOLS: SchemaPlace = Object.freeze({ list: "tools", schema: "parameters" });

/**
 * Redacts the events of one run, in their order. No value of a key that names a secret passes,
 * wherever in an event it stands, also in JSON that comes as text and in arguments that come in
 * pieces. All else passes unchanged; what was given is never changed. If anything else of an event
 * was redacted, its `rawEvent` is as a whole: it tells the same in a way that nobody here knows.
 */
export class Redactor {
  readonly #keys: SecretKeys;
  readonly #calls: ToolCalls;

  /** @internal Use {@link createRedactor}. */
  constructor(keys: SecretKeys) {
    this.#keys = keys;
    this.#calls = new ToolCalls(keys);
  }

  /**
   * Answers what goes out for this event: itself if there is no secret in it, none if all of it is
   * one, and before the end of a tool call what was waiting of its arguments. Throws what
   * `JSON.stringify` throws for an event that can't be written, which then counts as never said.
   */
  redact(event: WireEvent): readonly WireEvent[] {
    const redacted = this.#fields(event);
    switch (event.type) {
      case EventType.TOOL_CALL_CHUNK: {
        const { toolCallId, before } = this.#calls.chunk(event);
        return [...before, ...this.#piece(event, redacted, toolCallId)];
      }
      case EventType.TOOL_CALL_ARGS:
        return [...this.#calls.endedBy(event), ...this.#piece(event, redacted, event.toolCallId)];
      case EventType.TOOL_CALL_START:
      case EventType.TOOL_CALL_END:
      case EventType.TOOL_CALL_RESULT:
        return [...this.#calls.endedBy(event), ...this.#calls.end(event.toolCallId), redacted];
      case EventType.RUN_FINISHED:
      case EventType.RUN_ERROR:
        return [...this.flush(), redacted];
    }
    return [...this.#calls.endedBy(event), redacted];
  }

  /** Tells that the run is over; answers what was waiting. */
  flush(): readonly WireEvent[] {
    return this.#calls.endAll();
  }

  #piece(event: PieceEvent, redacted: WireEvent, toolCallId: string): readonly WireEvent[] {
    if (typeof event.delta !== "string") return [redacted];
    const delta = this.#calls.push(toolCallId, event, event.delta);
    if (delta === event.delta) return [redacted];
    // How many pieces a secret came in is nobody's business.
    const isBare = Object.keys(event).every((field) => PIECE_FIELDS.includes(field));
    if (delta === "" && isBare) return [];
    return [{ ...redacted, delta, ...withoutRaw(event) } as WireEvent];
  }

  /** The event with every field redacted but the pieces of texts. */
  #fields(event: WireEvent): WireEvent {
    const fields = event as unknown as Readonly<Record<string, unknown>>;
    let copy: Record<string, unknown> | undefined;
    let isTold = false;
    for (const name of Object.keys(fields)) {
      const value = fields[name];
      const redacted = this.#field(event.type, name, value);
      if (Object.is(redacted, value)) continue;
      copy ??= { ...fields };
      copy[name] = redacted;
      isTold ||= name !== "rawEvent";
    }
    if (copy === undefined) return event;
    return { ...copy, ...(isTold && withoutRaw(event)) } as unknown as WireEvent;
  }

  #field(type: string, name: string, value: unknown): unknown {
    if (name === "type" || value === undefined) return value;
    if (this.#keys.has(name)) return REDACTED;
    if (typeof value === "string") {
      const isPiece = name === "delta" && PIECES.test(type);
      return isPiece ? value : redactText(value, this.#keys);
    }
    const isPlain = typeof value === "number" || typeof value === "boolean" || value === null;
    return isPlain ? value : this.#structure(type, name, value);
  }

  #structure(type: string, name: string, value: unknown): unknown {
    switch (`${type} ${name}`) {
      case "STATE_DELTA delta":
      case "ACTIVITY_DELTA patch":
        return redactPatch(value, this.#keys);
      case "RUN_FINISHED outcome":
        return redactAround(value, INTERRUPTS, this.#keys);
      case "RUN_STARTED input":
        return redactAround(value, TOOLS, this.#keys);
    }
    return redactSecrets(value, this.#keys);
  }
}

function withoutRaw(event: WireEvent): { readonly rawEvent?: string } {
  return event.rawEvent === undefined ? {} : { rawEvent: REDACTED };
}

/** Makes the redactor of one run. `keys`: made once, for all runs. */
export function createRedactor(keys: SecretKeys): Redactor {
  return new Redactor(keys);
}
