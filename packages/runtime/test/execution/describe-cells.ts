import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Agent } from "../../src/execution/agent.ts";
import type { IsolatedAgentOptions, workerAgent } from "../../src/execution/isolated-agent.ts";
import { createDeferred } from "../internal/deferred.ts";
import { CellBench, MODULE } from "./cell-bench.ts";

/** Start and all, on a busy machine; an agent that only stops is found after `progressTimeoutMs`, 60 s. */
export const DEATH_WITHIN_MS = 10_000;

/** What an agent in a cell of any kind promises; `isolated` makes one. */
export function describeCells(kind: "worker" | "process", isolated: typeof workerAgent): void {
  describe(`an agent in a ${kind}`, { timeout: 30_000 }, () => {
    const agentOf = (exportName: string, options: Partial<IsolatedAgentOptions> = {}): Agent =>
      isolated({ module: MODULE, exportName, ...options });

    it("gets its input and a frozen context, and says and returns as if it ran here", async () => {
      await using cells = new CellBench();
      const { user } = cells.bench;

      const outcome = await cells.start(isolated({ module: MODULE })).ended;

      expect(outcome).toMatchObject({ status: "finished", result: { frozen: true } });
      expect(cells.values).toEqual([
        {
          user: { tenantId: "default", userId: "alice", key: user.key },
          threadId: "thread",
          runId: "run",
          messages: 0,
        },
      ]);
      const { pid } = (outcome as { result: { pid: number } }).result;
      expect(pid === process.pid).toBe(kind === "worker");
    });

    it("may ask a person", async () => {
      await using cells = new CellBench();

      expect(await cells.start(agentOf("asks")).ended).toEqual({
        status: "interrupted",
        interrupts: [{ id: "i", reason: "approval" }],
      });
    });

    it("that throws fails, and the operator hears what it threw", async () => {
      await using cells = new CellBench();

      expect(await cells.start(agentOf("fails")).ended).toMatchObject({
        status: "failed",
        error: { name: "RangeError", message: /hunter2/ },
      });
      expect(cells.values).toEqual(["before"]);
      expect(cells.bench.errors).toMatchObject([{ stage: "agent", error: { name: "RangeError" } }]);
    });

    it.each(["nothing", "missing"])("that isn't there fails (%s)", async (exportName) => {
      await using cells = new CellBench();
      const module = exportName === "missing" ? new URL("./missing.mjs", MODULE) : MODULE;

      expect((await cells.start(isolated({ module, exportName })).ended).status).toBe("failed");
    });

    it.each(["usurps", "strays", "unclonable"])("that %s fails", async (exportName) => {
      await using cells = new CellBench();

      expect((await cells.start(agentOf(exportName)).ended).status).toBe("failed");
      expect(cells.events).toEqual([]);
    });

    it("that loops for ever freezes nobody else, and is found dead within a second of its time", async () => {
      await using cells = new CellBench({ progressTimeoutMs: 1500 });
      await using others = new CellBench();
      const run = cells.start(agentOf("loops"));
      await cells.first();
      const silentAt = performance.now();
      const beats = { late: 0 };
      const beat = setInterval(() => (beats.late += 1), 10);

      expect(await others.start(async function* () {}).ended).toEqual({ status: "finished" });
      expect(await run.ended).toEqual({ status: "died", cause: "no progress for 1500 ms" });
      clearInterval(beat);

      expect(performance.now() - silentAt).toBeLessThan(1500 + 1000);
      expect(beats.late).toBeGreaterThan(10);
    });

    it.each([
      ["exits", {}, "exited with code 3"],
      ["crashes", {}, "crashed"],
      ["rejects", {}, "crashed"],
      ["loops", { maxCpuMs: 300 }, "used more than 300 ms of CPU"],
    ] as const)(
      "that %s dies, with a cause to tell",
      async (exportName, options, cause) => {
        await using cells = new CellBench();

        const startedAt = performance.now();
        const outcome = await cells.start(agentOf(exportName, options)).ended;

        expect(outcome).toEqual({ status: "died", cause });
        expect(performance.now() - startedAt).toBeLessThan(DEATH_WITHIN_MS);
        // On a busy machine the whole time may be gone before the first event.
        const least = "maxCpuMs" in options ? 0 : 1;
        expect(cells.events.length).toBeGreaterThanOrEqual(least);
        expect(JSON.stringify(outcome)).not.toContain("hunter2");
        const heard = cells.bench.errors.map(({ error }) => String(error)).join();
        if (cause === "crashed") expect(heard).toContain("hunter2");
        expect(cells.bench.errors).toMatchObject([{ stage: "agent" }]);
      },
      15_000,
    );

    it("that has no memory left dies, and ends nobody else", async () => {
      await using cells = new CellBench();
      const other = cells.start(agentOf("hangs"), "other");

      const startedAt = performance.now();
      expect(await cells.start(agentOf("eats", { maxMemoryMb: 32 })).ended).toEqual({
        status: "died",
        cause: "out of memory",
      });
      expect(performance.now() - startedAt).toBeLessThan(DEATH_WITHIN_MS);

      expect(other.isActive).toBe(true);
    });

    it("runs ahead of its readers by a window, not more, and nothing of it is lost", async () => {
      const gate = createDeferred();
      const values: number[] = [];
      const lines: string[] = [];
      await using cells = new CellBench({
        sink: {
          begin: () => {},
          event: (_, event) => {
            values.push((event as unknown as { value: number }).value);
            return values.length === 3 ? gate.promise : undefined;
          },
          end: () => {},
        },
      });
      const agent = agentOf("makes", { onOutput: (line) => void lines.push(line) });
      const run = cells.start(agent, "run", { to: 500 });
      await expect.poll(() => lines.length, { timeout: 5000 }).toBeGreaterThan(10);
      await delay(200);

      expect(values).toHaveLength(3);
      expect(lines.length).toBeLessThanOrEqual(3 + 16 + 1);
      gate.resolve();

      expect(await run.ended).toEqual({ status: "finished" });
      expect(values).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
    });

    it("is alive as long as it says so", async () => {
      await using cells = new CellBench({ progressTimeoutMs: 1500 });

      expect(await cells.start(agentOf("progresses")).ended).toEqual({ status: "finished" });
    });

    it("hears of a cancel and may clean up", async () => {
      const lines: string[] = [];
      await using cells = new CellBench();
      const options = { onOutput: (line: string) => void lines.push(line), graceMs: 2000 };
      const run = cells.start(agentOf("cleansUp", options));
      await cells.first();

      expect(cells.bench.registry.cancel("run")).toBe(true);

      expect(await run.ended).toEqual({ status: "cancelled" });
      await expect.poll(() => lines, { timeout: 5000 }).toContain("cleaned up");
    });

    it("has nothing of our environment", async () => {
      await using cells = new CellBench();
      process.env["WT_TEST_SECRET"] = "hunter2";

      const bare = await cells.start(agentOf("environment")).ended;
      const given = await cells.start(agentOf("environment", { env: { A: "1" } }), "2").ended;

      expect(bare).toMatchObject({ status: "finished", result: {} });
      expect(JSON.stringify(bare)).not.toContain("hunter2");
      expect(given).toEqual({ status: "finished", result: { A: "1" } });
      delete process.env["WT_TEST_SECRET"];
    });

    it("is heard by the operator in lines, bounded in length and number, and on no wire", async () => {
      const lines: string[] = [];
      await using cells = new CellBench();
      const onOutput = (line: string, stream: string) => void lines.push(`${stream} ${line}`);

      await cells.start(agentOf("prints", { onOutput })).ended;
      await expect.poll(() => lines.length, { timeout: 5000 }).toBe(1000);

      expect(lines).toContain("stdout to stdout");
      expect(lines).toContain("stderr to stderr");
      expect(Math.max(...lines.map(({ length }) => length))).toBe(2000 + "stdout ".length);
      expect(cells.values).toEqual(["printed"]);
    });

    it("finds nothing of the run before", async () => {
      await using cells = new CellBench();
      const agent = agentOf("remembers");

      const outcomes = [await cells.start(agent, "1").ended, await cells.start(agent, "2").ended];

      expect(outcomes).toMatchObject([{ result: [1] }, { result: [1] }]);
    });

    it.each([
      { module: "./agents.mjs" },
      { maxMemoryMb: 15 },
      { maxCpuMs: 0 },
      { graceMs: 0 },
      { onOutput: "loud" as never },
    ])("refuses %j", (options) => {
      expect(() => isolated({ module: MODULE, ...options })).toThrow(Object.keys(options)[0]);
    });
  });
}
