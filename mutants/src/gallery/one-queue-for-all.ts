import type { Mutant } from "../mutant.ts";

export const oneQueueForAll: Mutant = {
  name: "one queue for all",
  breaks: "All users share one queue of 32 runs: who floods it keeps everybody else out.",
  killedBy: "7.1",
  as: "loss",
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
    queue.add(run);`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "    this.#active.delete(runId);",
      replace: `    this.#active.delete(runId);
    queue.delete(run);`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "    if (this.#active.size < maxConcurrentRuns + maxQueuedRuns) return;",
      replace: "    if (queue.size < 32) return;",
    },
  ],
};
