import type { Mutant } from "../mutant.ts";

export const deathToldToNobody: Mutant = {
  name: "death told to nobody",
  breaks: "A death is told as an event like any other, and nobody's run ends with it.",
  killedBy: "2.2",
  as: "missing-death",
  changes: [
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: `    return this.agentError(runId, "AGENT_DIED", message);`,
      replace: `    return this.custom(runId, "agent_death", { message });`,
    },
  ],
};
