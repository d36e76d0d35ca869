import type { AGUIEvent } from "@ag-ui/core";
import { EventType } from "@ag-ui/core";

export { EventType };

/** An event whose `type` may be written as a plain text as well as a member of the enum. */
type PlainlyTyped<E extends AGUIEvent> = E extends AGUIEvent
  ? { [K in keyof E]: K extends "type" ? E["type"] | `${E["type"]}` : E[K] }
  : never;

/** Any event of AG-UI 1.0. */
export type WireEvent = PlainlyTyped<AGUIEvent>;

type RunEventType = EventType.RUN_STARTED | EventType.RUN_FINISHED | EventType.RUN_ERROR;

/** What an agent may say: any AG-UI event but those that begin and end a run, which the runtime sends. */
export type AgentEvent = PlainlyTyped<Exclude<AGUIEvent, { type: RunEventType }>>;

/** Says whether an event of this type begins or ends a run, which is the runtime's to say. */
export function isRunType(type: string): boolean {
  return type.startsWith("RUN_");
}

/** Says whether an event of this type ends its run. */
export function isTerminalType(type: string): boolean {
  return type === "RUN_FINISHED" || type === "RUN_ERROR";
}
