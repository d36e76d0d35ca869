import type { Mutant } from "../mutant.ts";

export const startedTwice: Mutant = {
  name: "started twice",
  breaks:
    "A start that a client repeats, because it lost its patience, runs the agent a second time.",
  killedBy: "1.2",
  as: "duplicate",
  changes: [
    {
      file: "execution/agent-execution-registry.ts",
      find: "    if (known !== undefined) return sameThread(known, request);",
      replace: `    if (known?.isActive === true) void driveRun(known, { agent, input }, this.#ears);
    if (known !== undefined) return sameThread(known, request);`,
    },
  ],
};
