// The whole back end: agents, an event log, a runtime, and a node:http server that they are mounted on.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createJwtAuthenticator, createRuntime } from "@watertight/runtime";
import { createLmdbEventLog } from "@watertight/runtime/lmdb";
import { createAgents } from "@watertight-examples/agents";
import { pino } from "pino";
import { DEVELOPMENT_SECRET, readSettings } from "./settings.ts";

const settings = readSettings(process.env);
const agents = await createAgents(process.env);
const folder = settings.eventLogFolder ?? mkdtempSync(join(tmpdir(), "isolated-backend-"));
const eventLog = createLmdbEventLog({ folder });

const runtime = createRuntime({
  authenticate: createJwtAuthenticator({ secret: settings.secret }),
  agents,
  eventLog,
  allowedOrigins: settings.allowedOrigins,
  limits: {
    maxConnections: settings.maxConnections,
    maxRunningRuns: settings.maxConnections,
    progressTimeoutMs: settings.progressTimeoutMs,
  },
  sessions: { idleMs: settings.sessionIdleMs },
  logger: pino({ level: settings.logLevel }),
  onError: (error, { stage }) => console.error(`${stage}:`, error),
});

const server = createServer(runtime.requestListener).on("upgrade", runtime.upgradeHandler);

async function stop(): Promise<void> {
  await runtime.close({ drainMs: settings.drainMs });
  server.close();
  await eventLog[Symbol.asyncDispose]();
  if (settings.eventLogFolder === undefined) rmSync(folder, { recursive: true, force: true });
}

process.once("SIGTERM", () => void stop());
process.once("SIGINT", () => void stop());

await once(server.listen(settings.port, settings.host), "listening");
const { port } = server.address() as AddressInfo;
console.log(`Connect to  ws://${settings.host}:${port}/ws`);
console.log(`Agents      ${Object.keys(agents).join(", ")}`);
console.log(
  `Events in   ${folder}${settings.eventLogFolder === undefined ? " until it stops" : ""}`,
);
console.log("A token     npm run -s token -w examples/isolated-backend -- alice");
if (settings.secret === DEVELOPMENT_SECRET) {
  console.warn("Warning     JWT_SECRET is not set: anybody can sign tokens for this server.");
}
