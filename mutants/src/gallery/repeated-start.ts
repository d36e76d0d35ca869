import type { Mutant } from "../mutant.ts";

export const repeatedStart: Mutant = {
  name: "repeated start",
  breaks:
    "A run that has ended is forgotten: a start that its client repeats runs the agent again.",
  killedBy: "1.2",
  as: "duplicate",
  changes: [
    {
      file: "execution/agent-execution-registry.ts",
      find: "    return this.#active.get(runId) ?? this.#finished.get(runId);",
      replace: "    return this.#active.get(runId);",
    },
    {
      file: "http/resident-user.ts",
      find: "    if (logged !== undefined && known === undefined) return undefined;\n",
      replace: "",
    },
    {
      file: "drivers/run-table.ts",
      find: `      if (kind !== "begin") continue;`,
      replace: `      if (kind !== "begin" || this.#runs.has(runId)) continue;`,
    },
  ],
};
