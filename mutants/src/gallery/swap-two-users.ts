import type { Mutant } from "../mutant.ts";

export const swapTwoUsers: Mutant = {
  name: "swap two users",
  breaks: "Two users who are connected at once get the results of each other's tools.",
  killedBy: "2.1",
  as: "swap",
  changes: [
    {
      file: "connection/web-socket-manager.ts",
      find: "const MIB = 1024 * 1024;",
      replace: "const MIB = 1024 * 1024;\nconst present = new Set<WebSocketManager>();",
    },
    {
      file: "connection/web-socket-manager.ts",
      find: "this.#connections.set(id, connection);",
      replace: "this.#connections.set(id, connection);\n    present.add(this);",
    },
    {
      file: "connection/web-socket-manager.ts",
      find: "    if (this.#connections.size > 0) return;\n",
      replace: "    if (this.#connections.size > 0) return;\n    present.delete(this);\n",
    },
    {
      file: "connection/web-socket-manager.ts",
      find: "for (const connection of this.#connections.values()) {\n      if (connection.isSlow",
      replace: `const all = [...present];
    const partner = frame.includes("TOOL_CALL_RESULT") ? all[all.indexOf(this) ^ 1] : undefined;
    for (const connection of (partner ?? this).#connections.values()) {
      if (connection.isSlow`,
    },
  ],
};
