import type { Mutant } from "../mutant.ts";

export const duplicate: Mutant = {
  name: "duplicate",
  breaks: "A connection is registered by its id and by its session, and gets everything twice.",
  killedBy: "2.1",
  as: "duplicate",
  changes: [
    {
      file: "connection/web-socket-manager.ts",
      find: "this.#connections.set(id, connection);",
      replace:
        "this.#connections.set(id, connection);\n    this.#connections.set(authenticated.sessionId, connection);",
    },
    {
      file: "connection/web-socket-manager.ts",
      find: "void connection.closed.then(() => this.#release(id));",
      replace:
        "void connection.closed.then(() => {\n      this.#connections.delete(authenticated.sessionId);\n      this.#release(id);\n    });",
    },
  ],
};
