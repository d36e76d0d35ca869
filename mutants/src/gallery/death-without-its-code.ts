import type { Mutant } from "../mutant.ts";

export const deathWithoutItsCode: Mutant = {
  name: "death without its code",
  breaks:
    "A dead agent is reported as one that failed, which a client takes for something to try again.",
  killedBy: "2.2",
  as: "wrong-death",
  changes: [
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: `    return this.agentError(runId, "AGENT_DIED", message);`,
      replace: `    return this.agentError(runId, "AGENT_FAILED", message);`,
    },
  ],
};
