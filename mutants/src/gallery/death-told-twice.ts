import type { Mutant } from "../mutant.ts";

export const deathToldTwice: Mutant = {
  name: "death told twice",
  breaks: "Two watchers tell of the same death: a run has two ends.",
  killedBy: "2.2",
  as: "duplicate",
  changes: [
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: `    return this.agentError(runId, "AGENT_DIED", message);`,
      replace: `    const death = { type: EventType.RUN_ERROR, code: "AGENT_DIED", message } as const;
    void this.#send(runId, this.#openRun(runId), death);
    return this.agentError(runId, "AGENT_DIED", message);`,
    },
  ],
};
