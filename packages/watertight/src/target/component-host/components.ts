import type { WebSocket } from "ws";
import { isRecord } from "../../received.ts";

/** Whoever the components work for. */
export interface ComponentUser {
  readonly tenantId: string;
  readonly userId: string;
}

/** A run as the components know it. */
export interface ComponentRun {
  readonly runId: string;
  readonly threadId: string;
}

/** What the host asks of a WebSocketManager. */
export interface ManagerPart {
  connect(socket: WebSocket, sessionId: string): unknown;
  dispose?(): unknown;
}

/** What the host asks of an AgentWebSocketBridge. `publish` takes AG-UI events other than RUN_…. */
export interface BridgePart {
  openRun(run: ComponentRun): unknown;
  publish(runId: string, event: Readonly<Record<string, unknown> & { type: string }>): unknown;
  agentStarted(runId: string, details: { readonly agentName: string }): unknown;
  agentCompleted(runId: string): unknown;
  agentError(runId: string, message: string): unknown;
  agentDeath(runId: string, cause: string): unknown;
  dispose?(): unknown;
}

/** What the host asks of an AgentExecutionRegistry. `start` MUST NOT start the same run twice. */
export interface RegistryPart {
  start(
    run: ComponentRun & { readonly agentName: string },
    work: (signal: AbortSignal) => Promise<void>,
  ): unknown;
  /** Truthy when a run was cancelled. */
  cancel(runId: string): unknown;
  dispose?(): unknown;
}

/** The three factories of a module under test. */
export interface Components {
  createManager(user: ComponentUser): Promise<ManagerPart>;
  createBridge(user: ComponentUser, manager: ManagerPart): Promise<BridgePart>;
  createRegistry(request: ComponentRun & { user: ComponentUser }): Promise<RegistryPart>;
}

type Factory = (...parameters: readonly unknown[]) => unknown;

/**
 * Finds the factories `create…` in a module, or the accessors `get…()`, static `instance` and
 * `getInstance()` that stand in their place. Throws a sentence that names the first one that is missing.
 */
export function findComponents(module: Readonly<Record<string, unknown>>): Components {
  const manager = findFactory(module, "WebSocketManager");
  const bridge = findFactory(module, "AgentWebSocketBridge");
  const registry = findFactory(module, "AgentExecutionRegistry");
  return {
    createManager: async (user) => (await manager(user)) as ManagerPart,
    createBridge: async (user, part) => (await bridge(user, part)) as BridgePart,
    createRegistry: async (request) => (await registry(request)) as RegistryPart,
  };
}

function findFactory(module: Readonly<Record<string, unknown>>, component: string): Factory {
  for (const name of [`create${component}`, `get${component}`]) {
    const candidate = module[name];
    if (typeof candidate === "function") return candidate as Factory;
  }
  const holder = module[component];
  if (typeof holder === "function" || isRecord(holder)) {
    if ("instance" in holder) return () => holder.instance;
    if ("getInstance" in holder && typeof holder.getInstance === "function") {
      return holder.getInstance.bind(holder) as Factory;
    }
  }
  throw new Error(
    `Expected the module to export create${component}(), get${component}(), ${component}.instance or ${component}.getInstance(), got the exports ${Object.keys(module).join(", ") || "(none)"}. Export one of them.`,
  );
}
