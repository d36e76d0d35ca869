import type { Mutant } from "../mutant.ts";

export const lateLeak: Mutant = {
  name: "late leak",
  breaks: "More than half a second after a run has ended, another user is told of its end.",
  killedBy: "2.1",
  as: "leak",
  changes: [
    {
      file: "connection/web-socket-manager.ts",
      find: "const MIB = 1024 * 1024;",
      replace: "const MIB = 1024 * 1024;\nconst present = new Set<Connection>();",
    },
    {
      file: "connection/web-socket-manager.ts",
      find: "this.#connections.set(id, connection);",
      replace:
        "this.#connections.set(id, connection);\n    present.add(connection);\n    void connection.closed.then(() => present.delete(connection));",
    },
    {
      file: "connection/web-socket-manager.ts",
      find: "if (this.#disposal !== undefined) return REFUSED.disposed;",
      replace: `if (this.#disposal !== undefined) return REFUSED.disposed;
    if (frame.includes("RUN_FINISHED")) {
      setTimeout(() => {
        const own = new Set(this.#connections.values());
        [...present].find((connection) => !own.has(connection))?.write(frame);
      }, 600).unref();
    }`,
    },
  ],
};
