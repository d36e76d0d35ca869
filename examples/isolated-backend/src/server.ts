// The whole back end: agents, a runtime, and a node:http server that they are mounted on.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createJwtAuthenticator, createRuntime } from "@watertight/runtime";
import { createAgents } from "@watertight-examples/agents";
import { DEVELOPMENT_SECRET, readSettings } from "./settings.ts";

const settings = readSettings(process.env);
const agents = await createAgents(process.env);

const runtime = createRuntime({
  authenticate: createJwtAuthenticator({ secret: settings.secret }),
  agents,
  allowedOrigins: settings.allowedOrigins,
  limits: {
    maxConnections: settings.maxConnections,
    progressTimeoutMs: settings.progressTimeoutMs,
  },
  sessions: { idleMs: settings.sessionIdleMs },
  onError: (error, { stage }) => console.error(`${stage}:`, error),
});

const server = createServer(runtime.requestListener).on("upgrade", runtime.upgradeHandler);

async function stop(): Promise<void> {
  await runtime.close();
  server.close();
}

process.once("SIGTERM", () => void stop());
process.once("SIGINT", () => void stop());

await once(server.listen(settings.port, settings.host), "listening");
const { port } = server.address() as AddressInfo;
console.log(`Connect to  ws://${settings.host}:${port}/ws`);
console.log(`Agents      ${Object.keys(agents).join(", ")}`);
console.log("A token     npm run -s token -w examples/isolated-backend -- alice");
if (settings.secret === DEVELOPMENT_SECRET) {
  console.warn("Warning     JWT_SECRET is not set: anybody can sign tokens for this server.");
}
