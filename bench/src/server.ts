// One of the servers that are compared, in a process of its own. Usage: node server.js <contender>
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  createAgentWebSocketBridge,
  createRequestContext,
  createRuntime,
  createUserContext,
  createWebSocketManager,
  type EventLog,
} from "@watertight/runtime";
import { createLmdbEventLog } from "@watertight/runtime/lmdb";
import { Server as SocketIoServer } from "socket.io";
import { type WebSocket, WebSocketServer } from "ws";
import { type Answer, type Contender, DELTA, EVENTS_PER_USER, type Question } from "./messages.ts";

/** What people write first: a loop that stringifies and sends. Checks nothing, knows nobody. */
function startNaive(server: Server): void {
  new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (socket) => {
    socket.on("message", () => void talk(socket));
  });
}

async function talk(socket: WebSocket): Promise<void> {
  const place = { threadId: "thread", runId: "run" };
  for (let seq = 1; seq <= EVENTS_PER_USER; seq += 1) {
    socket.send(JSON.stringify({ ...EVENT, metadata: { ...place, seq } }));
    await setImmediate();
  }
}

/** What people write with Socket.IO: a room for each user, and events to the room. */
function startSocketIo(server: Server): void {
  const io = new SocketIoServer(server, { perMessageDeflate: false, serveClient: false });
  io.on("connection", (socket) => {
    const room = `user:${(socket.handshake.auth as { readonly user: string }).user}`;
    void socket.join(room);
    socket.on("run", async ({ threadId, runId }: { threadId: string; runId: string }) => {
      for (let seq = 1; seq <= EVENTS_PER_USER; seq += 1) {
        io.to(room).emit("event", { ...EVENT, metadata: { threadId, runId, seq } });
        await setImmediate();
      }
    });
  });
}

/** The components by themselves: owner checks, runs, numbers, nothing kept. */
function startComponents(server: Server): void {
  new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (socket, request) => {
    const user = createUserContext({ userId: String(request.headers["x-user"]) });
    const manager = createWebSocketManager(user);
    const bridge = createAgentWebSocketBridge(user, manager);
    manager.connect(socket, { user, sessionId: "session" });
    const talk = async (data: Buffer): Promise<void> => {
      const { input } = JSON.parse(data.toString()) as { input: { runId: string } };
      const { runId } = input;
      bridge.openRun(createRequestContext(user, { threadId: "thread", runId }));
      void bridge.agentStarted(runId);
      for (let seq = 1; seq <= EVENTS_PER_USER; seq += 1) {
        void bridge.publish(runId, EVENT);
        await setImmediate();
      }
      void bridge.agentCompleted(runId);
    };
    socket.on("message", (data: Buffer) => void talk(data));
  });
}

/** The whole path: authenticated socket, scopes, registry, turns, owner checks, run and number, log, resume. */
function startRuntime(server: Server, eventLog?: EventLog): void {
  const runtime = createRuntime({
    authenticate: async ({ headers }) => ({ tenantId: "bench", userId: String(headers["x-user"]) }),
    agents: {
      async *talker() {
        for (let event = 1; event <= EVENTS_PER_USER; event += 1) yield EVENT;
      },
    },
    limits: { maxConnections: 20_000, maxRunningRuns: 20_000 },
    ...(eventLog === undefined ? {} : { eventLog }),
  });
  server.on("request", runtime.requestListener).on("upgrade", runtime.upgradeHandler);
}

function startDurable(server: Server): void {
  const folder = mkdtempSync(join(tmpdir(), "watertight-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  startRuntime(server, createLmdbEventLog({ folder }));
}

const EVENT = Object.freeze({
  type: "TEXT_MESSAGE_CONTENT",
  messageId: "m",
  delta: DELTA,
} as const);
const START: Readonly<Record<Contender, (server: Server) => void>> = Object.freeze({
  "naive ws": startNaive,
  "socket.io": startSocketIo,
  "runtime, no log": startComponents,
  "runtime, memory log": (server: Server) => startRuntime(server),
  "runtime, lmdb log": startDurable,
});

function tell(answer: Answer): void {
  process.send?.(answer);
}

process.on("message", ({ ask }: Question) => {
  if (ask !== "usage") return;
  const { user, system } = process.cpuUsage();
  globalThis.gc?.();
  tell({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() });
});
process.once("disconnect", () => process.exit());
process.once("SIGTERM", () => process.exit());

const server = createServer();
START[process.argv[2] as Contender](server);
await once(server.listen(0, "127.0.0.1"), "listening");
tell({ port: (server.address() as AddressInfo).port });
