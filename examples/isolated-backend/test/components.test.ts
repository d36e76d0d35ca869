import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import {
  createAgentExecutionRegistry,
  createAgentWebSocketBridge,
  createWebSocketManager,
} from "../src/components.ts";

const ALICE = Object.freeze({ tenantId: "default", userId: "alice" });
const RUN = Object.freeze({ runId: "r1", threadId: "t1", agentName: "echo" });

it("carries a run from the registry over the bridge to the user's socket", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [socket] = (await once(server, "connection")) as [WebSocket];
  const received: string[] = [];
  client.on("message", (data: Buffer) => received.push(data.toString("utf8")));

  const manager = createWebSocketManager(ALICE);
  const bridge = createAgentWebSocketBridge(ALICE, manager);
  const registry = createAgentExecutionRegistry({ ...RUN, user: ALICE });
  manager.connect(socket, "s1");
  const work = async (): Promise<void> => {
    bridge.openRun(RUN);
    bridge.agentStarted(RUN.runId, RUN);
    bridge.agentDeath(RUN.runId, "no progress");
  };
  registry.start(RUN, work);
  registry.start(RUN, work);
  expect(registry.list()).toEqual(["r1"]);
  while (received.length < 2) await once(client, "message");
  expect(received.map((frame) => JSON.parse(frame))).toMatchObject([
    { type: "RUN_STARTED", metadata: { threadId: "t1", runId: "r1", seq: 1 } },
    { type: "RUN_ERROR", code: "AGENT_DIED", message: 'Agent "echo" died: no progress.' },
  ]);
  await registry.dispose();
  await manager.dispose();
  server.close();
});

it("cancels a run and aborts its work", async () => {
  const registry = createAgentExecutionRegistry({ ...RUN, user: ALICE });
  let isAborted = false;
  registry.start(RUN, async (signal) => {
    await once(signal, "abort");
    isAborted = true;
  });
  expect(registry.cancel("r1")).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  expect(isAborted).toBe(true);
  expect(registry.cancel("r1")).toBe(false);
  await registry.dispose();
});
