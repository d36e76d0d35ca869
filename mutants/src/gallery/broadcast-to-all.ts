import type { Mutant } from "../mutant.ts";

export const broadcastToAll: Mutant = {
  name: "broadcast to all",
  breaks: "Every event goes to every connection of the process; clients are trusted to filter.",
  killedBy: "2.1",
  as: "leak",
  changes: [
    {
      file: "connection/feed.ts",
      find: "const PAGE = Object.freeze({ maxRecords: 256",
      replace: `const everyConnection = new Set<Connection>();
const PAGE = Object.freeze({ maxRecords: 256`,
    },
    {
      file: "connection/feed.ts",
      find: "    this.#unfollow = stream.follow(",
      replace: `    everyConnection.add(connection);
    void connection.closed.then(() => everyConnection.delete(connection));
    this.#unfollow = stream.follow(`,
    },
    {
      file: "connection/feed.ts",
      find: "    if (frame !== undefined && !this.#connection.push(frame)) return false;",
      replace: `    if (frame !== undefined && !this.#connection.push(frame)) return false;
    for (const each of everyConnection) {
      if (each !== this.#connection && frame !== undefined) each.push(frame);
    }`,
    },
  ],
};
