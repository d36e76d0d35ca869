import type { Mutant } from "../mutant.ts";

export const idsMintedTwice: Mutant = {
  name: "ids minted twice",
  breaks:
    "A run is entered under one id and taken out under another, and counts as going on for ever.",
  killedBy: "3.3",
  as: "retained",
  changes: [
    {
      file: "execution/agent-execution-registry.ts",
      find: `    const { runId } = run.request;
    this.#active.delete(runId);`,
      replace: `    const runId = \`\${run.request.threadId}:\${run.request.runId}\`;
    this.#active.delete(runId);`,
    },
  ],
};
