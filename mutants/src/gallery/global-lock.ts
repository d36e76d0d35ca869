import type { Mutant } from "../mutant.ts";

export const globalLock: Mutant = {
  name: "global lock",
  breaks: "One run at a time in the whole process: a user waits for another user's slow agent.",
  killedBy: "1.1",
  as: "blocked",
  changes: [
    {
      file: "execution/agent-execution-registry.ts",
      find: "      if (run.begin()) void driveRun(run, task, this.#ears);",
      replace: `      if (!run.begin()) return;
      const queued = setInterval(() => run.progress(), 100);
      turn = turn.then(() => {
        clearInterval(queued);
        return driveRun(run, task, this.#ears);
      });`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "/** An agent and the name that it goes by. */",
      replace: `let turn: Promise<void> = Promise.resolve();

/** An agent and the name that it goes by. */`,
    },
  ],
};
