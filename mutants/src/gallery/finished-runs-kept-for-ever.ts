import type { Mutant } from "../mutant.ts";

export const finishedRunsKeptForEver: Mutant = {
  name: "finished runs kept for ever",
  breaks:
    "Every run that has ended is kept in one set of the process, and with it whoever started it.",
  killedBy: "3.3",
  as: "retained",
  changes: [
    {
      file: "execution/agent-execution-registry.ts",
      find: "  readonly #finished = new Map<string, Run>();",
      replace: `  readonly #finished = new Map<string, Run>();
  static readonly everyFinished: Set<Run> = new Set();`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "    this.#active.delete(runId);",
      replace: `    this.#active.delete(runId);
    AgentExecutionRegistry.everyFinished.add(run);`,
    },
  ],
};
