import type { Mutant } from "../mutant.ts";

export const runThatEndsWithItsSocket: Mutant = {
  name: "run that ends with its socket",
  breaks: "Who loses the line in the middle of a run loses the run, and coming back does not help.",
  killedBy: "1.1",
  as: "loss",
  changes: [
    {
      file: "http/resident-user.ts",
      find: "    void connection.closed.then(() => this.#leave(scope, sessionId));",
      replace: `    void connection.closed.then(() => {
      for (const run of this.registry.list()) run.end({ status: "cancelled" });
      return this.#leave(scope, sessionId);
    });`,
    },
  ],
};
