import { EventType, type WireEvent } from "../protocol/events.ts";

type Kind = "message" | "tool" | "step" | "subagent" | "reasoning" | "reasoningMessage";

/** Which event opens, and which closes, each kind of thing that a run may leave open. */
const OPENERS: Readonly<Partial<Record<EventType, Kind>>> = Object.freeze({
  [EventType.TEXT_MESSAGE_START]: "message",
  [EventType.TOOL_CALL_START]: "tool",
  [EventType.STEP_STARTED]: "step",
  [EventType.SUBAGENT_STARTED]: "subagent",
  [EventType.REASONING_START]: "reasoning",
  [EventType.REASONING_MESSAGE_START]: "reasoningMessage",
});
const CLOSERS: Readonly<Partial<Record<EventType, Kind>>> = Object.freeze({
  [EventType.TEXT_MESSAGE_END]: "message",
  [EventType.TOOL_CALL_END]: "tool",
  [EventType.STEP_FINISHED]: "step",
  [EventType.SUBAGENT_FINISHED]: "subagent",
  [EventType.SUBAGENT_ERROR]: "subagent",
  [EventType.REASONING_END]: "reasoning",
  [EventType.REASONING_MESSAGE_END]: "reasoningMessage",
});

/** Remembers what a run has opened, so that it can be closed before the run ends. */
export class OpenItems {
  readonly #open = new Map<string, WireEvent>();

  note(event: WireEvent): void {
    const opened = OPENERS[event.type];
    if (opened !== undefined) this.#open.set(keyOf(opened, event), closing(opened, event));
    const closed = CLOSERS[event.type];
    if (closed !== undefined) this.#open.delete(keyOf(closed, event));
  }

  /** The events that close what is open, last opened first (AG-UI 1.0 wants all closed at RUN_FINISHED). */
  closingEvents(): readonly WireEvent[] {
    return [...this.#open.values()].reverse();
  }
}

function idOf(event: WireEvent): string {
  if ("stepName" in event) return event.stepName ?? "";
  const isOfSubagent = event.type.startsWith("SUBAGENT_") && "subagentRunId" in event;
  if (isOfSubagent) return event.subagentRunId ?? "";
  if ("toolCallId" in event) return event.toolCallId ?? "";
  return "messageId" in event ? (event.messageId ?? "") : "";
}

function keyOf(kind: Kind, event: WireEvent): string {
  return `${kind} ${idOf(event)}`;
}

function closing(kind: Kind, event: WireEvent): WireEvent {
  const id = idOf(event);
  switch (kind) {
    case "message":
      return { type: EventType.TEXT_MESSAGE_END, messageId: id };
    case "tool":
      return { type: EventType.TOOL_CALL_END, toolCallId: id };
    case "step":
      return { type: EventType.STEP_FINISHED, stepName: id };
    case "subagent":
      return { type: EventType.SUBAGENT_FINISHED, subagentRunId: id };
    case "reasoning":
      return { type: EventType.REASONING_END, messageId: id };
    case "reasoningMessage":
      return { type: EventType.REASONING_MESSAGE_END, messageId: id };
  }
}
