import type { Mutant } from "../mutant.ts";

export const oneBridgeForAll: Mutant = {
  name: "one bridge for all",
  breaks: "One bridge carries the events of all users, and looks up whose each run is.",
  killedBy: "3.2",
  as: "shared-instance",
  changes: [
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: "  readonly #manager: WebSocketManager;",
      replace: `  readonly #manager: WebSocketManager;
  readonly managers: Map<string, WebSocketManager> = new Map();
  readonly owners: Map<string, UserContext> = new Map();`,
    },
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: "    checkOwner(this.user, user);",
      replace: "    this.owners.set(runId, user);",
    },
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: "    const record = { threadId, runId, frame };",
      replace: `    const record = { threadId, runId, frame };
    const owner = this.owners.get(runId) ?? this.user;
    const manager = this.managers.get(owner.key) ?? this.#manager;`,
    },
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: "    if (isBegin) return this.#manager.publish(this.user, {",
      replace: "    if (isBegin) return manager.publish(owner, {",
    },
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: "    return this.#manager.publish(this.user, { ...record, kind });",
      replace: "    return manager.publish(owner, { ...record, kind });",
    },
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: "function about({ result }",
      replace: `let bridge: AgentWebSocketBridge | undefined;

function about({ result }`,
    },
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: "  return new AgentWebSocketBridge(user, manager, Object.freeze({ createId, secretKeys }));",
      replace: `  bridge ??= new AgentWebSocketBridge(user, manager, Object.freeze({ createId, secretKeys }));
  bridge.managers.set(user.key, manager);
  return bridge;`,
    },
  ],
};
