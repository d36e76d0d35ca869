import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ClientOptions } from "ws";
import { createJwtAuthenticator } from "../../src/auth/jwt-authenticator.ts";
import { createRuntime, type Runtime } from "../../src/create-runtime.ts";
import type { RuntimeOptions } from "../../src/runtime-options.ts";
import { createTestAgents, type TestAgents } from "../execution/test-agents.ts";
import { TestClient } from "./test-client.ts";
import { signToken, TEST_SECRET } from "./test-token.ts";

/** A failure that the runtime told its operator of. */
export interface Told {
  readonly error: unknown;
  readonly stage: string;
}

/** A runtime on a real server on a free port. */
export class TestServer implements AsyncDisposable {
  readonly server: Server;
  readonly runtime: Runtime;
  readonly agents: TestAgents;
  readonly told: readonly Told[];
  /** What it was started with, beside the defaults of tests. */
  readonly options: Partial<RuntimeOptions>;
  readonly port: number;

  constructor(server: Server, parts: Pick<TestServer, "runtime" | "agents" | "told" | "options">) {
    this.server = server;
    this.runtime = parts.runtime;
    this.agents = parts.agents;
    this.told = parts.told;
    this.options = parts.options;
    this.port = (server.address() as AddressInfo).port;
  }

  url(path = "/ws"): string {
    return `ws://127.0.0.1:${this.port}${path}`;
  }

  /** A device of the user, open but perhaps not welcome. */
  async open(userId: string, path = "/ws", options: ClientOptions = {}): Promise<TestClient> {
    const headers = { authorization: `Bearer ${await signToken(userId)}` };
    return new TestClient(this.url(path), { headers, ...options }).opened();
  }

  /** A device of the user, ready. */
  async connect(userId: string, path = "/ws", options: ClientOptions = {}): Promise<TestClient> {
    const client = await this.open(userId, path, options);
    await client.ofType("ready");
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.agents.release();
    await this.runtime.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Starts a runtime with the test agents, HS256 tokens and the options given. */
export async function startServer(options: Partial<RuntimeOptions> = {}): Promise<TestServer> {
  const agents = createTestAgents();
  const told: Told[] = [];
  const runtime = createRuntime({
    authenticate: createJwtAuthenticator({ secret: TEST_SECRET }),
    agents: agents.byName,
    onError: (error, { stage }) => told.push({ error, stage }),
    ...options,
  });
  const server = createServer(runtime.requestListener).on("upgrade", runtime.upgradeHandler);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return new TestServer(server, { runtime, agents, told, options });
}
