import type { Mutant } from "../mutant.ts";

export const listenerThatNobodyRemoves: Mutant = {
  name: "listener that nobody removes",
  breaks:
    "Every connection listens for the end of the process, and goes on listening when it is long gone.",
  killedBy: "4.1",
  as: "handle-leak",
  changes: [
    {
      file: "http/upgrade-handler.ts",
      find: "    countUntilClosed(socket, this.#open);",
      replace: `    countUntilClosed(socket, this.#open);
    process.once("SIGTERM", () => turnAway(socket, CLOSE.shuttingDown));`,
    },
  ],
};
