import type { AGUIEvent } from "@ag-ui/core";
import { EventType } from "@ag-ui/core";

export { EventType };

/** Any event of AG-UI 1.0. */
export type WireEvent = AGUIEvent;

type EventOf<T extends EventType> = Extract<AGUIEvent, { type: T }>;
type RunEventType = EventType.RUN_STARTED | EventType.RUN_FINISHED | EventType.RUN_ERROR;

/** What an agent may say: any AG-UI event but those that begin and end a run, which the runtime sends. */
export type AgentEvent = Exclude<AGUIEvent, { type: RunEventType }>;

/** The event that begins a run. */
export type RunStarted = EventOf<EventType.RUN_STARTED>;

/** An event that ends a run. */
export type TerminalEvent = EventOf<EventType.RUN_FINISHED> | EventOf<EventType.RUN_ERROR>;

/** Where an event belongs: travels in its `metadata`, never as new top-level fields. */
export interface EventPlace {
  readonly threadId: string;
  readonly runId: string;
  /** Counts from 1 within the run. */
  readonly seq: number;
}

/** Says whether an event of this type ends its run. */
export function isTerminalType(type: string): boolean {
  return type === "RUN_FINISHED" || type === "RUN_ERROR";
}
