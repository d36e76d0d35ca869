import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { workerAgent } from "../../src/execution/isolated-agent.ts";
import { CellBench, MODULE } from "./cell-bench.ts";
import { describeCells } from "./describe-cells.ts";

const threads = (): number => readdirSync("/proc/self/task").length;

/** How many there are when none comes or goes any more. */
async function settledThreads(): Promise<number> {
  for (;;) {
    const before = threads();
    await delay(300);
    if (threads() === before) return before;
  }
}

describeCells("worker", workerAgent);

describe("an agent in a worker", { timeout: 30_000 }, () => {
  it("leaves no thread behind, though it loops for ever", async () => {
    await using cells = new CellBench();
    const agent = workerAgent({ module: MODULE, exportName: "loops", graceMs: 50 });
    const before = await settledThreads();
    const runs = ["1", "2", "3"].map((runId) => cells.start(agent, runId));
    await expect.poll(() => cells.events.length, { timeout: 5000 }).toBe(3);
    expect(threads()).toBeGreaterThanOrEqual(before + 3);

    for (const run of runs) run.end({ status: "cancelled" });

    await expect.poll(threads, { timeout: 5000 }).toBeLessThanOrEqual(before);
  });
});
