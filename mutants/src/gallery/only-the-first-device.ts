import type { Mutant } from "../mutant.ts";

export const onlyTheFirstDevice: Mutant = {
  name: "only the first device",
  breaks: "A user's second device is connected, but hears nothing.",
  killedBy: "1.3",
  as: "loss",
  changes: [
    {
      file: "connection/web-socket-manager.ts",
      find: "    if (stream === undefined || this.#connections.get(connection.id) !== connection) return;",
      replace: `    if (stream === undefined || this.#connections.get(connection.id) !== connection) return;
    if (this.#feeds.size > 0) return;`,
    },
  ],
};
