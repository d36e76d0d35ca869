// The server that is fed nonsense. Started by server-process.ts; ends with the process that started it.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  createJwtAuthenticator,
  createMemoryEventLog,
  createRuntime,
  createUserContext,
  WatertightError,
} from "@watertight/runtime";
import { createAgents } from "./agents.ts";
import type { Question, ServerMessage, ServerOptions, ServerState } from "./messages.ts";
import { SECRET } from "./tokens.ts";

const MIB = 1024 * 1024;

function tell(message: ServerMessage): void {
  process.send?.(message);
}

function trouble(stage: string, error: unknown): void {
  const code = WatertightError.is(error) ? error.code : String(Object(error).name);
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  tell({ type: "trouble", stage, code, message });
}

process.once("disconnect", () => process.exit());
process.on("uncaughtException", (error) => trouble("uncaught", error));
process.on("unhandledRejection", (error) => trouble("unhandled", error));
// A listener that is added and never taken away tells so first.
process.on("warning", (warning) => trouble("warning", warning));

const { seed } = JSON.parse(process.argv[2] ?? "{}") as ServerOptions;
const eventLog = createMemoryEventLog({
  retention: { maxRecords: 50_000, maxBytes: 16 * MIB },
  maxTotalBytes: 128 * MIB,
});
const runtime = createRuntime({
  authenticate: createJwtAuthenticator({ secret: SECRET }),
  agents: createAgents(seed),
  eventLog,
  heartbeatMs: 15_000,
  limits: { runTimeoutMs: 8000, progressTimeoutMs: 5000, maxQueuedRuns: 20, maxQueueWaitMs: 5000 },
  authorizeOperator: ({ headers, url = "" }) =>
    headers["x-operator"] === "yes" && !url.includes("witness"),
  onError: (error, { stage }) => trouble(stage, error),
});

/** By the processor's clock: on a machine that has much else to do, the wall's says little. */
const turns = { longestMs: 0, before: process.cpuUsage() };
setInterval(() => {
  const { user, system } = process.cpuUsage(turns.before);
  turns.longestMs = Math.max(turns.longestMs, (user + system) / 1000);
  turns.before = process.cpuUsage();
}, 5);

function state(): ServerState {
  (globalThis as { gc?: () => void }).gc?.();
  const { users, connections } = runtime.health();
  const resources = process.getActiveResourcesInfo();
  return {
    users,
    connections,
    sockets: resources.filter((name) => name === "TCPSocketWrap").length,
    heapMegabytes: process.memoryUsage().heapUsed / MIB,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    longestTurnMs: turns.longestMs,
    pollution: Object.keys(Object.prototype),
  };
}

async function forget(users: readonly string[]): Promise<void> {
  for (const userId of users) {
    await runtime.admin.erase(createUserContext({ tenantId: "default", userId }));
  }
  tell({ type: "forgotten" });
}

process.on("message", (question: Question) => {
  if (question.ask === "state") tell({ type: "state", state: state() });
  else void forget(question.users);
});
const server = createServer(runtime.requestListener).on("upgrade", runtime.upgradeHandler);
await once(server.listen(0, "127.0.0.1"), "listening");
tell({ type: "listening", port: (server.address() as AddressInfo).port });
