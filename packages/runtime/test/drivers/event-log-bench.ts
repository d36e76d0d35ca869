/**
 * What the drivers cost, by hand:
 * npx esbuild packages/runtime/test/drivers/event-log-bench.ts --bundle --platform=node --format=esm
 *   --target=node20 --packages=external --outfile=packages/runtime/dist/event-log-bench.mjs && node <that file>
 */
import { createLmdbEventLog } from "../../src/drivers/lmdb/lmdb-event-log.ts";
import { createMemoryEventLog } from "../../src/drivers/memory/memory-event-log.ts";
import type { EventLog, UserEventLog } from "../../src/event-log/event-log.ts";
import { event, userOf } from "../conformance/log-bench.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

const USERS = 200;
const FRAME = JSON.stringify({ type: "TEXT_MESSAGE_CONTENT", delta: "some words ".repeat(25) });

function cpuSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** All users append at once, each again as soon as it was answered. */
async function append(
  logs: readonly UserEventLog[],
  batch: number,
  calls: number,
): Promise<string> {
  const records = Array.from({ length: batch }, () => event(FRAME));
  const start = process.cpuUsage();
  const startMs = performance.now();
  let left = calls;
  await Promise.all(
    logs.map(async (log) => {
      while ((left -= 1) >= 0) await log.append(records);
    }),
  );
  const cpu = cpuSince(start);
  const wallMs = performance.now() - startMs;
  const each = (cpu / calls).toFixed(1);
  return `${each} µs CPU an append, ${(cpu / calls / batch).toFixed(2)} a record, ${Math.round((calls * batch) / wallMs)} records/ms`;
}

async function read(log: UserEventLog): Promise<string> {
  const page = { maxRecords: 100, maxBytes: 10_000_000 };
  const times: number[] = [];
  for (let round = 0; round < 200; round += 1) {
    const start = performance.now();
    await log.read(log.last - 100, page);
    times.push(performance.now() - start);
  }
  const [, , , , , , , , , , middle = 0] = times
    .toSorted((a, b) => a - b)
    .filter((_, i) => i % 10 === 0);
  return `${middle.toFixed(3)} ms for 100 records`;
}

async function measure(name: string, open: () => EventLog): Promise<void> {
  for (const batch of [1, 8, 64]) {
    for (const users of [1, USERS]) {
      await using log = open();
      const logs = await Promise.all(
        Array.from({ length: users }, (_, id) => log.open(userOf(`${id}`))),
      );
      await append(logs, batch, 200);
      const calls = Math.round((users === 1 ? 1500 : 40_000) / Math.sqrt(batch));
      console.log(
        `${name}, ${users} users, batches of ${batch}: ${await append(logs, batch, calls)}; ${await read(logs[0] as UserEventLog)}`,
      );
    }
  }
}

await measure("memory", () => createMemoryEventLog());
for (const durability of ["process", "power"] as const) {
  using folder = new TemporaryFolder();
  let store = 0;
  await measure(`lmdb (${durability})`, () =>
    createLmdbEventLog({ folder: `${folder.path}/${(store += 1)}`, durability }),
  );
}
