import type { Mutant } from "../mutant.ts";

export const oneQuotaForAll: Mutant = {
  name: "one quota for all",
  breaks:
    "The eight runs that a user may have at once are counted over all users: the ninth fails.",
  killedBy: "2.1",
  as: "unexpected",
  changes: [
    {
      file: "execution/agent-execution-registry.ts",
      find: "/** An agent and the name that it goes by. */",
      replace: `const goingOn = new Set<Run>();

/** An agent and the name that it goes by. */`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "      if (run.begin()) void driveRun(run, task, this.#ears);",
      replace: `      const error = new Error("Too many runs.");
      if (goingOn.size >= this.#options.maxConcurrentRuns) return void run.end({ status: "failed", error });
      goingOn.add(run);
      if (run.begin()) void driveRun(run, task, this.#ears);`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "    this.#active.delete(runId);",
      replace: `    this.#active.delete(runId);
    goingOn.delete(run);`,
    },
  ],
};
