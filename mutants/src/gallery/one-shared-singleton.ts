import type { Mutant } from "../mutant.ts";

export const oneSharedSingleton: Mutant = {
  name: "one shared singleton",
  breaks: "All users of a tenant get the manager, bridge and registry of whoever came first.",
  killedBy: "3.1",
  as: "shared-instance",
  changes: [
    {
      file: "http/resident-users.ts",
      find: "const known = this.#residents.get(user.key);",
      replace: "const [known] = this.#residents.values();",
    },
    {
      file: "context/user-context.ts",
      find: "if (checkUser(owner).key === mine.key) return;",
      replace: "if (checkUser(owner).tenantId === mine.tenantId) return;",
    },
    {
      file: "http/resident-user.ts",
      find: "    if (detach === undefined) return undefined;\n",
      replace: "",
    },
    {
      file: "http/resident-user.ts",
      find: "    scope.defer(detach);\n",
      replace: "    if (detach !== undefined) scope.defer(detach);\n",
    },
    {
      file: "connection/web-socket-manager.ts",
      find: "this.#disposal === undefined && this.#connections.size < this.#options.maxConnections;",
      replace: "this.#disposal === undefined;",
    },
  ],
};
