import type { Mutant } from "../mutant.ts";

export const broadcastToAll: Mutant = {
  name: "broadcast to all",
  breaks: "Every event goes to every connection of the process; clients are trusted to filter.",
  killedBy: "2.1",
  as: "leak",
  changes: [
    {
      file: "connection/web-socket-manager.ts",
      find: "const MIB = 1024 * 1024;",
      replace: "const MIB = 1024 * 1024;\nconst everyConnection = new Set<Connection>();",
    },
    {
      file: "connection/web-socket-manager.ts",
      find: "this.#connections.set(id, connection);",
      replace:
        "this.#connections.set(id, connection);\n    everyConnection.add(connection);\n    void connection.closed.then(() => everyConnection.delete(connection));",
    },
    {
      file: "connection/web-socket-manager.ts",
      find: "for (const connection of this.#connections.values()) {\n      if (connection.isSlow",
      replace: "for (const connection of everyConnection) {\n      if (connection.isSlow",
    },
  ],
};
