import type { Mutant } from "../mutant.ts";

export const aManagerForEachConnection: Mutant = {
  name: "a manager for each connection",
  breaks:
    "Each of a user's devices has a manager of its own, so a limit for a user is one for a device.",
  killedBy: "3.1",
  as: "split-scope",
  changes: [
    {
      file: "http/resident-user.ts",
      find: `import type { WebSocketManager } from "../connection/web-socket-manager.ts";`,
      replace: `import { createWebSocketManager, type WebSocketManager } from "../connection/web-socket-manager.ts";`,
    },
    {
      file: "http/resident-user.ts",
      find: `  readonly registry: AgentExecutionRegistry;
  readonly #parts: ResidentParts;`,
      replace: `  readonly registry: AgentExecutionRegistry;
  readonly managers: WeakMap<Connection, WebSocketManager> = new WeakMap();
  readonly #parts: ResidentParts;`,
    },
    {
      file: "http/resident-user.ts",
      find: "    const connection = this.manager.admit(transport, { user: this.user, sessionId });",
      replace: `    const manager = createWebSocketManager(this.user, { stream: this.stream });
    const connection = manager.admit(transport, { user: this.user, sessionId });
    this.managers.set(connection, manager);`,
    },
    {
      file: "http/upgrade-handler.ts",
      find: "    resident.manager.follow(connection, start);",
      replace: "    resident.managers.get(connection)?.follow(connection, start);",
    },
  ],
};
