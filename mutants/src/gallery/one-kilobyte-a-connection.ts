import type { Mutant } from "../mutant.ts";

export const oneKilobyteAConnection: Mutant = {
  name: "one kilobyte a connection",
  breaks: "A journal of connections grows by one kilobyte each and is never cut.",
  killedBy: "3.1",
  as: "retained",
  changes: [
    {
      file: "connection/web-socket-manager.ts",
      find: "const MIB = 1024 * 1024;",
      replace:
        "const MIB = 1024 * 1024;\nconst journal: { owner: string; id: string; scratch: Uint8Array }[] = [];",
    },
    {
      file: "connection/web-socket-manager.ts",
      find: "this.#connections.set(id, connection);",
      replace:
        "this.#connections.set(id, connection);\n    journal.push({ owner: this.user.key, id, scratch: new Uint8Array(1024) });",
    },
  ],
};
