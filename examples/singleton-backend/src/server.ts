// The same wire and the same agents as examples/isolated-backend, on three instances that everybody shares.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { createAgents } from "@watertight-examples/agents";
import { type WebSocket, WebSocketServer } from "ws";
import { AgentExecutionRegistry } from "./agent-execution-registry.ts";
import { authenticate } from "./authenticate.ts";
import { DEVELOPMENT_SECRET, readSettings } from "./settings.ts";
import { SocketDialog } from "./socket-dialog.ts";
import { getWebSocketManager } from "./web-socket-manager.ts";

const HEARTBEAT_MS = 30_000;
const MAX_FRAME_BYTES = 1024 * 1024;
const MAX_MESSAGES_PER_SECOND = 100;
const FAREWELL_MS = 1000;

const settings = readSettings(process.env);
const agents = await createAgents(process.env);
const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
const server = createServer(listen).on("upgrade", (request, socket: Duplex, head) => {
  void upgrade(request, socket, head);
});

function listen(request: IncomingMessage, response: ServerResponse): void {
  const isKnown = request.method === "GET" && request.url === "/healthz";
  response.writeHead(isKnown ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify(isKnown ? { status: "ok" } : { error: "not found" }));
}

async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const { origin } = request.headers;
  if (pathname !== "/ws") return refuse(socket, "404 Not Found");
  if (origin !== undefined && !settings.allowedOrigins.includes(origin)) {
    return refuse(socket, "403 Forbidden");
  }
  const userId = await authenticate(request, settings.secret);
  if (userId === undefined) return refuse(socket, "401 Unauthorized");
  sockets.handleUpgrade(request, socket, head, (webSocket) => {
    welcome(webSocket, userId, searchParams.get("session"));
  });
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function welcome(socket: WebSocket, userId: string, session: string | null): void {
  const manager = getWebSocketManager();
  socket.on("error", (error) => console.error(error.message));
  if (session !== null && manager.ownerOf(session) !== userId) {
    return socket.close(4511, "session unknown");
  }
  const sessionId = session ?? randomUUID();
  const connectionId = manager.connect({ sessionId, userId, socket });
  const dialog = new SocketDialog(socket, userId, {
    agents,
    progressTimeoutMs: settings.progressTimeoutMs,
    maxMessagesPerSecond: MAX_MESSAGES_PER_SECOND,
    heartbeatMs: HEARTBEAT_MS,
  });
  dialog.begin();
  const limits = { maxFrameBytes: MAX_FRAME_BYTES, maxMessagesPerSecond: MAX_MESSAGES_PER_SECOND };
  const names = { protocolVersion: "1.0", connectionId, sessionId, heartbeatMs: HEARTBEAT_MS };
  socket.send(JSON.stringify({ type: "ready", ...names, limits }));
}

function stop(): void {
  AgentExecutionRegistry.instance.cancelAll();
  getWebSocketManager().closeAll(1001, "the server shuts down");
  server.close();
  setTimeout(() => process.exit(), FAREWELL_MS).unref();
}

process.once("SIGTERM", stop);
process.once("SIGINT", stop);

await once(server.listen(settings.port, settings.host), "listening");
const { port } = server.address() as AddressInfo;
console.log(`Connect to  ws://${settings.host}:${port}/ws`);
console.log(`Agents      ${Object.keys(agents).join(", ")}`);
console.log("A token     npm run -s token -w examples/singleton-backend -- alice");
if (settings.secret === DEVELOPMENT_SECRET) {
  console.warn("Warning     JWT_SECRET is not set: anybody can sign tokens for this server.");
}
