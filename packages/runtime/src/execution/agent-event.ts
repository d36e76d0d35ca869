import type { RequestContext } from "../context/request-context.ts";
import { WatertightError } from "../errors.ts";
import { type AgentEvent, isRunType } from "../protocol/events.ts";

interface Named {
  readonly type?: unknown;
  readonly threadId?: unknown;
  readonly runId?: unknown;
  readonly metadata?: unknown;
}

/**
 * Answers `event` if an agent may say it in the run of `request`: an object whose `type` is an AG-UI
 * one, in upper case, but none that begins or ends a run, and that names no other run or thread as its
 * own. Throws WT_EVENT_INVALID where types were cast away.
 */
export function checkAgentEvent(event: AgentEvent, request: RequestContext): AgentEvent {
  const named = Object(event) as Named;
  const { type } = named;
  const isEvent = typeof type === "string" && /^[A-Z][A-Z0-9_]{0,63}$/.test(type);
  if (!isEvent || isRunType(type)) {
    throw new WatertightError(
      "WT_EVENT_INVALID",
      `Expected an agent to yield AG-UI events other than RUN_…, got ${isEvent ? type : "something else"}. Return to end a run well, throw to end it as failed.`,
    );
  }
  if (isOf(named, request) && isOf(Object(named.metadata) as Named, request)) return event;
  throw new WatertightError(
    "WT_EVENT_INVALID",
    `Expected an agent to yield events of its own run, got a ${type} that names another run or thread. Make sure that nothing the agent uses is shared between runs.`,
  );
}

function isOf({ threadId, runId }: Named, request: RequestContext): boolean {
  const isOwnThread = threadId === undefined || threadId === request.threadId;
  return isOwnThread && (runId === undefined || runId === request.runId);
}
