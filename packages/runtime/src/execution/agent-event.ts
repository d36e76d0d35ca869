import { WatertightError } from "../errors.ts";
import { type AgentEvent, isRunType } from "../protocol/events.ts";

/**
 * Answers `event` if an agent may say it: an object whose `type` is an AG-UI one, in upper case, but
 * none that begins or ends a run. Throws WT_EVENT_INVALID where types were cast away.
 */
export function checkAgentEvent(event: AgentEvent): AgentEvent {
  const { type } = Object(event) as { readonly type?: unknown };
  const isEvent = typeof type === "string" && /^[A-Z][A-Z0-9_]{0,63}$/.test(type);
  if (isEvent && !isRunType(type)) return event;
  throw new WatertightError(
    "WT_EVENT_INVALID",
    `Expected an agent to yield AG-UI events other than RUN_…, got ${isEvent ? type : "something else"}. Return to end a run well, throw to end it as failed.`,
  );
}
