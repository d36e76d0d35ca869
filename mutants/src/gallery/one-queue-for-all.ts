import type { Mutant } from "../mutant.ts";

export const oneQueueForAll: Mutant = {
  name: "one queue for all",
  breaks: "All users share one queue of 24 runs: who floods it pushes everybody else's runs out.",
  killedBy: "7.1",
  as: "unexpected",
  changes: [
    {
      file: "execution/agent-execution-registry.ts",
      find: "/** An agent and the name that it goes by. */",
      replace: `const queue = new Set<Run>();

/** An agent and the name that it goes by. */`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "    this.#active.set(request.runId, run);",
      replace: `    this.#active.set(request.runId, run);
    queue.add(run);
    const [oldest] = queue;
    if (queue.size > 24) oldest?.end({ status: "failed", error: new Error("No room.") });`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "    this.#active.delete(runId);",
      replace: `    this.#active.delete(runId);
    queue.delete(run);`,
    },
  ],
};
