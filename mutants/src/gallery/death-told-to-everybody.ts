import type { Mutant } from "../mutant.ts";

export const deathToldToEverybody: Mutant = {
  name: "death told to everybody",
  breaks: "Every user is told when anybody's agent has died, and of which run.",
  killedBy: "2.2",
  as: "leak",
  changes: [
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: "interface OpenRun {",
      replace: `const bridges = new Set<AgentWebSocketBridge>();

interface OpenRun {`,
    },
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: "    this.#options = options;",
      replace: `    this.#options = options;
    bridges.add(this);`,
    },
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: `    return this.agentError(runId, "AGENT_DIED", message);`,
      replace: `    const notice = JSON.stringify({ type: "agent_death", runId, message });
    for (const each of bridges) if (each !== this) each.#manager.send(each.user, notice);
    return this.agentError(runId, "AGENT_DIED", message);`,
    },
  ],
};
