// The three singletons in the shape that `watertight check` asks of a module of components.
import type { AgentEvent } from "@watertight-examples/agents";
import type { WebSocket } from "ws";
import { AgentExecutionRegistry } from "./agent-execution-registry.ts";
import { type AgentWebSocketBridge, getAgentWebSocketBridge } from "./agent-web-socket-bridge.ts";
import { userIdOf } from "./authenticate.ts";
import { getWebSocketManager, type WebSocketManager } from "./web-socket-manager.ts";

/** A user as the suite knows it. */
export interface ComponentUser {
  readonly tenantId: string;
  readonly userId: string;
}

/** The process's sockets, as one user's server would use them. */
export class ManagerComponent {
  readonly #manager: WebSocketManager = getWebSocketManager();
  readonly #userId: string;

  constructor({ tenantId, userId }: ComponentUser) {
    this.#userId = userIdOf(tenantId, userId);
  }

  connect(socket: WebSocket, sessionId: string): string {
    return this.#manager.connect({ socket, sessionId, userId: this.#userId });
  }
}

/** The process's bridge, as one user's server would use it. */
export class BridgeComponent {
  readonly #bridge: AgentWebSocketBridge = getAgentWebSocketBridge();
  readonly #userId: string;

  constructor({ tenantId, userId }: ComponentUser) {
    this.#userId = userIdOf(tenantId, userId);
  }

  openRun(run: { readonly runId: string; readonly threadId: string }): void {
    this.#bridge.openRun({ ...run, userId: this.#userId });
  }

  publish(runId: string, event: AgentEvent): Promise<void> {
    return this.#bridge.publish(runId, event);
  }

  agentStarted(runId: string, details: { readonly agentName: string }): void {
    this.#bridge.agentStarted(runId, details);
  }

  agentCompleted(runId: string): void {
    this.#bridge.agentCompleted(runId);
  }

  agentError(runId: string, message: string): void {
    this.#bridge.agentError(runId, message);
  }

  agentDeath(runId: string, cause: string): void {
    this.#bridge.agentDeath(runId, cause);
  }
}

/** A way to the manager for one user. */
export function createWebSocketManager(user: ComponentUser): ManagerComponent {
  return new ManagerComponent(user);
}

/** A way to the bridge for one user. */
export function createAgentWebSocketBridge(user: ComponentUser): BridgeComponent {
  return new BridgeComponent(user);
}

/** The registry, whoever asks. */
export function createAgentExecutionRegistry(): AgentExecutionRegistry {
  return AgentExecutionRegistry.instance;
}
