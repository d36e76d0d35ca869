import { EventType } from "@ag-ui/core";
import type { AgentEvent } from "@watertight-examples/agents";

/** The events that close what a run has opened and not closed, last opened first. */
export function closingEvents(said: readonly AgentEvent[]): readonly AgentEvent[] {
  const closed = new Set(said.map(keyOf));
  const endings = said.flatMap((event) => endOf(event) ?? []);
  return endings.filter((event) => !closed.has(keyOf(event))).reverse();
}

function endOf(event: AgentEvent): AgentEvent | undefined {
  switch (event.type) {
    case EventType.TEXT_MESSAGE_START:
      return { type: EventType.TEXT_MESSAGE_END, messageId: event.messageId };
    case EventType.TOOL_CALL_START:
      return { type: EventType.TOOL_CALL_END, toolCallId: event.toolCallId };
    case EventType.STEP_STARTED:
      return { type: EventType.STEP_FINISHED, stepName: event.stepName };
    case EventType.REASONING_START:
      return { type: EventType.REASONING_END, messageId: event.messageId };
    case EventType.REASONING_MESSAGE_START:
      return { type: EventType.REASONING_MESSAGE_END, messageId: event.messageId };
    default:
      return undefined;
  }
}

function keyOf(event: AgentEvent): string {
  const { type, messageId, toolCallId, stepName } = {
    messageId: "",
    toolCallId: "",
    stepName: "",
    ...event,
  };
  return `${type} ${messageId} ${toolCallId} ${stepName}`;
}
