import type { UserStream } from "../event-log/user-stream.ts";
import type { RunSink } from "../execution/agent-execution-registry.ts";
import type { RunOutcome } from "../execution/run.ts";
import type { AgentWebSocketBridge } from "./agent-web-socket-bridge.ts";

/** Names of the CUSTOM events by which a run tells what AG-UI has no event for. */
const QUEUED = "watertight.queued";
const ROLLED_BACK = "watertight.rolled-back";

/**
 * Tells the life of a run over the bridge: cancel, timeout, failure, interrupt and death end
 * differently. An agent that is faster than the user's log waits for it.
 */
export function createRunSink(bridge: AgentWebSocketBridge, stream: UserStream): RunSink {
  return Object.freeze<RunSink>({
    begin(request, agentName) {
      bridge.openRun(request, agentName);
      void bridge.agentStarted(request.runId);
    },
    queued({ runId }, place) {
      void bridge.custom(runId, QUEUED, place);
    },
    // oxlint-disable-next-line typescript/no-misused-promises -- a sink may answer what is to be waited for
    event({ runId }, event) {
      void bridge.publish(runId, event);
      return stream.hasRoom ? undefined : stream.room();
    },
    end: ({ runId }, agentName, outcome) => end(bridge, runId, agentName, outcome),
  });
}

function end(
  bridge: AgentWebSocketBridge,
  runId: string,
  agentName: string,
  outcome: RunOutcome,
): void {
  switch (outcome.status) {
    case "finished":
      return void bridge.agentCompleted(runId, outcome.result);
    case "interrupted":
      return void bridge.agentInterrupted(runId, outcome.interrupts);
    case "cancelled":
      if (outcome.rolledBack === true) void bridge.custom(runId, ROLLED_BACK, { runId });
      return void bridge.agentCancelled(runId);
    case "timed-out": {
      const what = outcome.inQueue === true ? "waited in the queue" : "took";
      const message = `Agent "${agentName}" ${what} longer than ${outcome.afterMs} ms.`;
      return void bridge.agentError(runId, "RUN_TIMEOUT", message);
    }
    case "failed":
      return void bridge.agentError(runId, "AGENT_FAILED", `Agent "${agentName}" failed.`);
    case "died":
      return void bridge.agentDeath(runId, agentName, outcome.cause);
  }
}
