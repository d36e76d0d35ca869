import { describe, expect, it } from "vitest";
import type { DoubleTexting } from "../../src/execution/thread-lanes.ts";
import { RegistryBench } from "./registry-bench.ts";

/** Runs of "thread" unless another one is named, told in order. */
async function benchWith(doubleTexting: DoubleTexting): Promise<RegistryBench> {
  const bench = new RegistryBench({ doubleTexting });
  bench.start("wait", "1");
  await expect.poll(() => bench.told).toContain("CUSTOM 1");
  return bench;
}

describe("a second run on a thread", () => {
  it("goes on beside the first by default", async () => {
    await using bench = new RegistryBench();
    bench.start("wait", "1");

    expect((await bench.start("echo", "2").ended).status).toBe("finished");
    expect(bench.registry.get("1")?.status).toBe("running");
  });

  it("is refused by `reject`, while the same run and another thread are not", async () => {
    await using bench = await benchWith("reject");

    expect(() => bench.start("echo", "2")).toThrow(
      expect.objectContaining({ code: "WT_THREAD_BUSY" }),
    );
    expect(bench.start("wait", "1")).toBe(bench.registry.get("1"));
    await bench.start("echo", "3", { threadId: "other" }).ended;
    bench.registry.cancel("1");

    expect((await bench.start("echo", "2").ended).status).toBe("finished");
    expect(bench.told.filter((entry) => entry.endsWith("begin 2"))).toHaveLength(1);
  });

  it("waits with `enqueue` until the one before it has ended, and so do all after it, in order", async () => {
    await using bench = await benchWith("enqueue");
    const runs = ["2", "3", "4"].map((runId) => bench.start("echo", runId));
    expect(runs.map(({ status }) => status)).toEqual(["queued", "queued", "queued"]);
    expect((await bench.start("echo", "5", { threadId: "other" }).ended).status).toBe("finished");

    bench.registry.cancel("3");
    bench.agents.release();
    await Promise.all(runs.map((run) => run.ended));

    expect(runs.map(({ status }) => status)).toEqual(["finished", "cancelled", "finished"]);
    const story = bench.told.filter((entry) => /^(TEXT_MESSAGE_START|end) [1-4]/.test(entry));
    expect(story).toEqual([
      "end 3 cancelled",
      "end 1 finished",
      "TEXT_MESSAGE_START 2",
      "end 2 finished",
      "TEXT_MESSAGE_START 4",
      "end 4 finished",
    ]);
  });

  it.each([
    ["interrupt", { status: "cancelled" }],
    ["rollback", { status: "cancelled", rolledBack: true }],
  ] as const)(
    "ends the first with `%s`, which is told before it begins",
    async (policy, outcome) => {
      await using bench = await benchWith(policy);
      const [first] = bench.registry.list();

      const second = bench.start("echo", "2");

      expect(await first?.ended).toEqual(outcome);
      expect(first?.signal.aborted).toBe(true);
      expect((await second.ended).status).toBe("finished");
      expect(bench.told.indexOf("end 1 cancelled")).toBeLessThan(bench.told.indexOf("begin 2"));
      expect(bench.ends("1")).toHaveLength(1);
    },
  );

  it("that interrupts ends those that wait too, and leaves other threads alone", async () => {
    await using bench = await benchWith("enqueue");
    const waiting = bench.start("echo", "2");
    const elsewhere = bench.start("wait", "3", { threadId: "other" });
    const { byName } = bench.agents;
    const input = { threadId: "thread", runId: "4", messages: [], tools: [], context: [] };
    const named = { name: "echo", agent: byName["echo"] as never };

    const last = bench.registry.start(bench.request("4"), named, input, {
      doubleTexting: "interrupt",
    });

    expect((await last.ended).status).toBe("finished");
    expect(await waiting.ended).toEqual({ status: "cancelled" });
    expect(bench.told).not.toContain("TEXT_MESSAGE_START 2");
    expect(elsewhere.isActive).toBe(true);
  });

  it("that waits and is over leaves nothing behind: a thread without runs is free", async () => {
    await using bench = await benchWith("enqueue");
    const second = bench.start("echo", "2");
    bench.registry.cancel("2");
    bench.registry.cancel("1");
    expect(await second.ended).toEqual({ status: "cancelled" });

    expect((await bench.start("echo", "3").ended).status).toBe("finished");
  });

  it("may wait behind very many that fail at once", { timeout: 30_000 }, async () => {
    await using bench = new RegistryBench({ doubleTexting: "enqueue", maxConcurrentRuns: 5000 });
    bench.start("wait", "first");
    const runs = Array.from({ length: 3000 }, (_, i) => {
      const runId = `run-${i}`;
      const input = { threadId: "thread", runId, messages: [], tools: [], context: [] };
      const agent = (): never => {
        throw new Error("at once");
      };
      return bench.registry.start(bench.request(runId), { name: "bad", agent }, input);
    });

    bench.registry.cancel("first");

    expect((await runs.at(-1)?.ended)?.status).toBe("failed");
    expect(bench.registry.list()).toEqual([]);
  });

  it("can't be treated in a way that there is not", async () => {
    await using bench = new RegistryBench();
    const input = { threadId: "thread", runId: "1", messages: [], tools: [], context: [] };
    const named = { name: "echo", agent: bench.agents.byName["echo"] as never };
    const doubleTexting = "shout" as never;

    expect(() => new RegistryBench({ doubleTexting })).toThrow("doubleTexting");
    expect(() => bench.registry.start(bench.request("1"), named, input, { doubleTexting })).toThrow(
      "doubleTexting",
    );
    expect(bench.registry.list()).toEqual([]);
  });
});
