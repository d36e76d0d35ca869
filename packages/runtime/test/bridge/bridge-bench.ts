import {
  type AgentWebSocketBridge,
  createAgentWebSocketBridge,
} from "../../src/bridge/agent-web-socket-bridge.ts";
import {
  createWebSocketManager,
  type WebSocketManager,
} from "../../src/connection/web-socket-manager.ts";
import { createRequestContext } from "../../src/context/request-context.ts";
import { createUserContext, type UserContext } from "../../src/context/user-context.ts";
import type { SocketYard } from "../connection/socket-pair.ts";
import type { TestClient } from "../http/test-client.ts";

/** One user with a bridge and devices on real sockets. */
export class BridgeBench {
  readonly user: UserContext;
  readonly manager: WebSocketManager;
  readonly bridge: AgentWebSocketBridge;
  readonly #yard: SocketYard;

  constructor(yard: SocketYard, userId: string) {
    let count = 0;
    this.#yard = yard;
    this.user = createUserContext({ userId });
    this.manager = createWebSocketManager(this.user);
    this.bridge = createAgentWebSocketBridge(this.user, this.manager, {
      createId: () => `id-${(count += 1)}`,
    });
  }

  async device(): Promise<TestClient> {
    const { server, client } = await this.#yard.open();
    this.manager.connect(server, { user: this.user, sessionId: "session" });
    return client;
  }

  open(runId: string, threadId = "thread"): void {
    this.bridge.openRun(createRequestContext(this.user, { threadId, runId }));
    void this.bridge.agentStarted(runId);
  }
}
