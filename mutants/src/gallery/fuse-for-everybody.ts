import type { Mutant } from "../mutant.ts";

export const fuseForEverybody: Mutant = {
  name: "fuse for everybody",
  breaks: "When one agent dies, nobody may start a run for five seconds.",
  killedBy: "7.1",
  as: "loss",
  changes: [
    {
      file: "execution/agent-execution-registry.ts",
      find: "/** An agent and the name that it goes by. */",
      replace: `let blownUntil = 0;

/** An agent and the name that it goes by. */`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "    this.#active.delete(runId);",
      replace: `    this.#active.delete(runId);
    if (outcome.status === "died") blownUntil = performance.now() + 5000;`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "    if (this.#active.size < maxConcurrentRuns + maxQueuedRuns) return;",
      replace: `    const isBlown = performance.now() < blownUntil;
    if (!isBlown && this.#active.size < maxConcurrentRuns + maxQueuedRuns) return;`,
    },
  ],
};
