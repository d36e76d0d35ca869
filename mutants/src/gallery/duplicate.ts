import type { Mutant } from "../mutant.ts";

export const duplicate: Mutant = {
  name: "duplicate",
  breaks: "A connection follows its user's events twice, and gets everything twice.",
  killedBy: "2.1",
  as: "duplicate",
  changes: [
    {
      file: "connection/web-socket-manager.ts",
      find: "    this.#feeds.set(connection.id, new Feed(stream, connection, { after, rendering, onLost }));",
      replace: `    this.#feeds.set(connection.id, new Feed(stream, connection, { after, rendering, onLost }));
    void new Feed(stream, connection, { after, rendering, onLost });`,
    },
  ],
};
