// The runtime's three factories in the shape that `watertight check` asks of a module of components.
import {
  type AgentExecutionRegistry,
  type AgentWebSocketBridge,
  createAgentExecutionRegistry as createRegistry,
  createAgentWebSocketBridge as createBridge,
  createRequestContext,
  createUserContext,
  createWebSocketManager as createManager,
  type RunSink,
  type UserContext,
  type UserIdentity,
  type WebSocketManager,
} from "@watertight/runtime";
import type { WebSocket } from "ws";

/** A run as the suite knows it. */
export interface ComponentRun {
  readonly runId: string;
  readonly threadId: string;
}

/** The sockets of one user. */
export class ManagerComponent {
  readonly manager: WebSocketManager;

  constructor(manager: WebSocketManager) {
    this.manager = manager;
  }

  connect(socket: WebSocket, sessionId: string): string {
    return this.manager.connect(socket, { user: this.manager.user, sessionId }).id;
  }

  dispose(): Promise<void> {
    return this.manager.dispose();
  }
}

/** The events of one user's runs. */
export class BridgeComponent {
  readonly #bridge: AgentWebSocketBridge;
  readonly #agentNames = new Map<string, string>();

  constructor(bridge: AgentWebSocketBridge) {
    this.#bridge = bridge;
  }

  openRun(run: ComponentRun): void {
    this.#bridge.openRun(createRequestContext(this.#bridge.user, run));
  }

  publish(runId: string, event: Parameters<AgentWebSocketBridge["publish"]>[1]): void {
    void this.#bridge.publish(runId, event);
  }

  agentStarted(runId: string, { agentName }: { readonly agentName: string }): void {
    this.#agentNames.set(runId, agentName);
    void this.#bridge.agentStarted(runId);
  }

  agentCompleted(runId: string): void {
    this.#agentNames.delete(runId);
    void this.#bridge.agentCompleted(runId);
  }

  agentError(runId: string, message: string): void {
    this.#agentNames.delete(runId);
    void this.#bridge.agentError(runId, "AGENT_FAILED", message);
  }

  agentDeath(runId: string, cause: string): void {
    const agentName = this.#agentNames.get(runId) ?? "";
    this.#agentNames.delete(runId);
    void this.#bridge.agentDeath(runId, agentName, cause);
  }
}

/** The runs of one user. */
export class RegistryComponent {
  readonly #registry: AgentExecutionRegistry;

  constructor(registry: AgentExecutionRegistry) {
    this.#registry = registry;
  }

  start(
    { runId, threadId, agentName: name }: ComponentRun & { readonly agentName: string },
    work: (signal: AbortSignal) => Promise<void>,
  ): void {
    const request = createRequestContext(this.#registry.user, { runId, threadId });
    const input = { runId, threadId, messages: [], tools: [], context: [] };
    // The suite's work tells its events to the bridge itself: as an agent it says nothing.
    const agent = async function* (_input: unknown, context: { signal: AbortSignal }) {
      await work(context.signal);
      yield* [];
    };
    this.#registry.start(request, { name, agent }, input);
  }

  cancel(runId: string): boolean {
    return this.#registry.cancel(runId);
  }

  list(): readonly string[] {
    return this.#registry.list().map(({ request }) => request.runId);
  }

  dispose(): Promise<void> {
    return this.#registry.dispose();
  }
}

const SILENT: RunSink = Object.freeze({ begin: () => {}, event: () => {}, end: () => {} });

/** Makes the manager of one user's sockets. */
export function createWebSocketManager(user: UserIdentity): ManagerComponent {
  return new ManagerComponent(createManager(contextOf(user)));
}

/** Makes the bridge of one user's runs to the sockets of that user's manager. */
export function createAgentWebSocketBridge(
  user: UserIdentity,
  { manager }: ManagerComponent,
): BridgeComponent {
  return new BridgeComponent(createBridge(contextOf(user), manager));
}

/** Makes the registry of one user's runs. */
export function createAgentExecutionRegistry(
  request: ComponentRun & { readonly user: UserIdentity },
): RegistryComponent {
  const { user, runId, threadId } = request;
  const context = createRequestContext(contextOf(user), { runId, threadId });
  return new RegistryComponent(createRegistry(context, { sink: SILENT }));
}

function contextOf({ tenantId, userId }: UserIdentity): UserContext {
  return createUserContext(tenantId === undefined ? { userId } : { tenantId, userId });
}
