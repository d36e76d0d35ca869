import type { Mutant } from "../mutant.ts";

export const globalLock: Mutant = {
  name: "global lock",
  breaks: "One run at a time in the whole process: a user waits for another user's slow agent.",
  killedBy: "1.1",
  as: "blocked",
  changes: [
    {
      file: "execution/agent-execution-registry.ts",
      find: "    if (run.isActive) void this.#drive(run, agent, input);",
      replace: `    const queued = setInterval(() => run.progress(), 100);
    turn = turn.then(() => {
      clearInterval(queued);
      return this.#drive(run, agent, input);
    });`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "type ResolvedOptions = ",
      replace: "let turn: Promise<void> = Promise.resolve();\n\ntype ResolvedOptions = ",
    },
  ],
};
