import { createRequestContext } from "../../src/context/request-context.ts";
import { createUserContext } from "../../src/context/user-context.ts";
import {
  type AgentExecutionRegistry,
  createAgentExecutionRegistry,
} from "../../src/execution/agent-execution-registry.ts";
import type { RunScheduler } from "../../src/execution/run-scheduler.ts";

/**
 * A user with four runs: one goes on, and of the others as many wait as the queue takes. In a file of its own:
 * nothing here closes over what belongs to another user, or to the test.
 */
export function userWithRuns(scheduler: RunScheduler, userId: string): AgentExecutionRegistry {
  const user = createUserContext({ userId });
  const request = (runId: string) => createRequestContext(user, { threadId: "thread", runId });
  const registry = createAgentExecutionRegistry(request("opening"), {
    sink: { begin: () => {}, event: () => {}, queued: () => {}, end: () => {} },
    scheduler,
    maxConcurrentRuns: 1,
    maxQueuedRuns: 10,
  });
  const hangs = async function* () {
    yield { type: "CUSTOM", name: "runs", value: 1 } as const;
    await new Promise(() => {});
  };
  for (const runId of ["1", "2", "3", "4"]) {
    const input = { threadId: "thread", runId, messages: [], tools: [], context: [] };
    registry.start(request(runId), { name: "hangs", agent: hangs }, input);
  }
  return registry;
}
