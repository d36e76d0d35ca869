// The server that is killed. Started by server-process.ts, it loads its code and waits for its turn;
// it ends with the process that started it.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type Agent, createMemoryEventLog, createRuntime } from "@watertight/runtime";
import { createLmdbEventLog } from "@watertight/runtime/lmdb";
import { canariesIn } from "./ledger.ts";
import type { Go, ServerMessage, ServerOptions } from "./messages.ts";
import { scriptOf } from "./script.ts";

/** Cursors must be readable by the next server also if the log itself is gone. */
const SECRET = "the secret of the chaos, which is none at all";
/** Everything must be there when it is read again at the end. */
const RETENTION = Object.freeze({ maxRecords: 1_000_000, maxBytes: 1024 ** 3 });

/** Says its script: who it is for is the runtime's word, the secret is what the question brought. */
const streamer: Agent = async function* ({ messages }, { user, threadId, runId, signal }) {
  const [canary = "no canary"] = canariesIn(JSON.stringify(messages));
  for (const { event, pauseMs } of scriptOf({ userId: user.userId, canary, threadId, runId })) {
    await delay(pauseMs, undefined, { signal });
    yield event as never;
  }
};

function tell(message: ServerMessage): void {
  process.send?.(message);
}

function trouble(stage: string, error: unknown): void {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  tell({ type: "trouble", stage, message });
}

process.once("disconnect", () => process.exit());
process.on("uncaughtException", (error) => trouble("uncaught", error));
process.on("unhandledRejection", (error) => trouble("unhandled", error));

const { folder, log } = JSON.parse(process.argv[2] ?? "{}") as ServerOptions;
const [{ port }] = (await once(process, "message")) as [Go];
const kept = { secret: SECRET, retention: RETENTION };
const eventLog =
  log === "lmdb" ? createLmdbEventLog({ folder, ...kept }) : createMemoryEventLog(kept);
const runtime = createRuntime({
  authenticate: async ({ headers }) => ({ tenantId: "chaos", userId: String(headers["x-user"]) }),
  agents: { streamer },
  eventLog,
  heartbeatMs: 1000,
  onError: (error, { stage }) => trouble(stage, error),
});
const server = createServer(runtime.requestListener).on("upgrade", runtime.upgradeHandler);
await once(server.listen(port, "127.0.0.1"), "listening");
tell({ type: "listening", port: (server.address() as AddressInfo).port });
