import type { Mutant } from "../mutant.ts";

export const turnNotGivenBack: Mutant = {
  name: "turn not given back",
  breaks:
    "A run that has ended keeps its turn: the more a user asks, the fewer runs the user may still have.",
  killedBy: "4.1",
  as: "handle-leak",
  changes: [
    {
      file: "execution/agent-execution-registry.ts",
      find: `    void this.#leave.get(run)?.();
    this.#leave.delete(run);`,
      replace: "    this.#leave.delete(run);",
    },
  ],
};
