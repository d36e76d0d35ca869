import type { Mutant } from "../mutant.ts";

export const deviceThatReplacesAnother: Mutant = {
  name: "device that replaces another",
  breaks: "A user who comes with a second device is thrown out on the first.",
  killedBy: "1.3",
  as: "loss",
  changes: [
    {
      file: "connection/web-socket-manager.ts",
      find: "    this.#connections.set(id, connection);",
      replace: `    for (const other of this.connections) other.close(CLOSE.tooManyConnections);
    this.#connections.set(id, connection);`,
    },
  ],
};
