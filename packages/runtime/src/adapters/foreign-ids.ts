import type { AgentContext } from "../execution/agent.ts";

/** What a run is called where somebody else keeps threads and runs. */
export interface ForeignIds {
  readonly threadId: string;
  readonly runId: string;
}

/**
 * Ids for a store or server that knows no users: tenant and user come first, so that two users who
 * name a thread or run alike have two there as well.
 */
export function foreignIds({ user, threadId, runId }: AgentContext): ForeignIds {
  return Object.freeze({
    threadId: `${user.key}/${encodeURIComponent(threadId)}`,
    runId: `${user.key}/${encodeURIComponent(runId)}`,
  });
}
