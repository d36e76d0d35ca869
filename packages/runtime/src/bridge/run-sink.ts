import type { RunSink } from "../execution/agent-execution-registry.ts";
import type { AgentWebSocketBridge } from "./agent-web-socket-bridge.ts";

/** Tells the life of a run over the bridge: cancel, timeout, failure and death end differently. */
export function createRunSink(bridge: AgentWebSocketBridge): RunSink {
  return Object.freeze<RunSink>({
    begin(request) {
      bridge.openRun(request);
      bridge.agentStarted(request.runId);
    },
    event: ({ runId }, event) => void bridge.publish(runId, event),
    end({ runId }, agentName, outcome) {
      switch (outcome.status) {
        case "finished":
          return void bridge.agentCompleted(runId);
        case "cancelled":
          return void bridge.agentCancelled(runId);
        case "timed-out": {
          const message = `Agent "${agentName}" took longer than ${outcome.afterMs} ms.`;
          return void bridge.agentError(runId, "RUN_TIMEOUT", message);
        }
        case "failed":
          return void bridge.agentError(runId, "AGENT_FAILED", `Agent "${agentName}" failed.`);
        case "died":
          return void bridge.agentDeath(runId, agentName, outcome.cause);
      }
    },
  });
}
