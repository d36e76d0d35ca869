// One of the servers that are compared, in a process of its own. Usage: node server.js <contender>
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate } from "node:timers/promises";
import { createRuntime } from "@watertight/runtime";
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
    const event = { type: "TEXT_MESSAGE_CONTENT", messageId: "m", delta: DELTA };
    socket.send(JSON.stringify({ ...event, metadata: { ...place, seq } }));
    await setImmediate();
  }
}

/** The whole path: authenticated socket, scopes, registry, owner checks, run and number, AG-UI events. */
function startRuntime(server: Server): void {
  const runtime = createRuntime({
    authenticate: async ({ headers }) => ({ tenantId: "bench", userId: String(headers["x-user"]) }),
    agents: {
      async *talker() {
        for (let event = 1; event <= EVENTS_PER_USER; event += 1) {
          yield { type: "TEXT_MESSAGE_CONTENT", messageId: "m", delta: DELTA };
        }
      },
    },
  });
  server.on("request", runtime.requestListener).on("upgrade", runtime.upgradeHandler);
}

const START: Readonly<Record<Contender, (server: Server) => void>> = Object.freeze({
  "naive ws": startNaive,
  runtime: startRuntime,
});

function tell(answer: Answer): void {
  process.send?.(answer);
}

process.on("message", ({ ask }: Question) => {
  if (ask !== "cpu") return;
  const { user, system } = process.cpuUsage();
  tell({ cpuMicros: user + system });
});
process.once("disconnect", () => process.exit());

const server = createServer();
START[process.argv[2] as Contender](server);
await once(server.listen(0, "127.0.0.1"), "listening");
tell({ port: (server.address() as AddressInfo).port });
