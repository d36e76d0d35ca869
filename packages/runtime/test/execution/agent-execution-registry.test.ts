import { describe, expect, it } from "vitest";
import { createAgentExecutionRegistry } from "../../src/execution/agent-execution-registry.ts";
import { RegistryBench } from "./registry-bench.ts";

describe("a registry", () => {
  it("tells of a run once when it begins, of each event in order, and once when it ends", async () => {
    await using bench = new RegistryBench();

    const outcome = await bench.start("echo", "run").ended;
    await expect.poll(() => bench.ends("run")).toHaveLength(1);

    expect(outcome).toEqual({ status: "finished" });
    expect(bench.told).toEqual([
      "begin run",
      "TEXT_MESSAGE_START run",
      "TEXT_MESSAGE_CONTENT run",
      "TEXT_MESSAGE_END run",
      "end run finished",
    ]);
  });

  it("refuses a request of another user, and starts one of its own", async () => {
    await using bench = new RegistryBench();
    await using other = new RegistryBench({}, "bob");
    const { byName } = bench.agents;
    const named = { name: "echo", agent: byName["echo"] as never };
    const input = { threadId: "thread", runId: "r", messages: [], tools: [], context: [] };

    expect(() => bench.registry.start(other.request("r"), named, input)).toThrow(
      expect.objectContaining({ code: "WT_OWNER_MISMATCH" }),
    );
    expect(bench.told).toEqual([]);
    await bench.registry.start(bench.request("r"), named, input).ended;
  });

  it("starts a run once, however often it is asked to, running or over", async () => {
    await using bench = new RegistryBench();
    const run = bench.start("wait", "run");

    expect(bench.start("wait", "run")).toBe(run);
    expect(bench.start("echo", "run")).toBe(run);
    bench.agents.release();
    await run.ended;
    expect(bench.start("wait", "run")).toBe(run);

    expect(bench.agents.started).toHaveLength(1);
    expect(bench.told.filter((entry) => entry === "begin run")).toHaveLength(1);
  });

  it("refuses a run id on another thread than its own, running or over", async () => {
    await using bench = new RegistryBench();
    const conflict = expect.objectContaining({ code: "WT_RUN_CONFLICT" });
    const run = bench.start("wait", "run");

    expect(() => bench.start("wait", "run", { threadId: "other" })).toThrow(conflict);
    run.end({ status: "cancelled" });
    await run.ended;
    expect(() => bench.start("wait", "run", { threadId: "other" })).toThrow(conflict);
    expect(bench.start("wait", "run")).toBe(run);
  });

  it("holds its limit at n−1, n and n+1, and an end releases a place", async () => {
    await using bench = new RegistryBench({ maxConcurrentRuns: 2 });
    const limit = expect.objectContaining({ code: "WT_RUN_LIMIT" });
    const first = bench.start("wait", "1");
    bench.start("wait", "2");

    expect(() => bench.start("wait", "3")).toThrow(limit);
    expect(bench.start("wait", "1")).toBe(first);
    expect(bench.registry.cancel("1")).toBe(true);
    await first.ended;
    bench.start("wait", "3");

    expect(() => bench.start("wait", "4")).toThrow(limit);
    expect(bench.registry.list().map(({ request }) => request.runId)).toEqual(["2", "3"]);
  });

  it("remembers as many ended runs as it is told to, the last ones", async () => {
    await using bench = new RegistryBench({ maxFinishedRuns: 2 });
    for (const runId of ["1", "2", "3"]) await bench.start("echo", runId).ended;
    await expect.poll(() => bench.ends("3")).toHaveLength(1);

    expect(["1", "2", "3"].map((runId) => bench.registry.get(runId)?.status)).toEqual([
      undefined,
      "finished",
      "finished",
    ]);
  });

  it("shares nothing with the registry of another user, the run id being the same", async () => {
    await using alice = new RegistryBench();
    await using bob = new RegistryBench({}, "bob");
    const [hers, his] = [alice.start("wait", "run"), bob.start("wait", "run")];

    expect(bob.registry.cancel("run")).toBe(true);
    await his.ended;

    expect(hers.isActive).toBe(true);
    expect(alice.registry.get("run")).toBe(hers);
    expect(alice.ends("run")).toEqual([]);
  });

  it("that is disposed ends all runs as cancelled, waits for no agent and starts none", async () => {
    const bench = new RegistryBench();
    bench.start("hangs", "1");
    bench.start("wait", "2");

    await Promise.all([bench.registry.dispose(), bench.registry.dispose()]);

    expect([...bench.ends("1"), ...bench.ends("2")]).toEqual([
      "end 1 cancelled",
      "end 2 cancelled",
    ]);
    expect(() => bench.start("echo", "3")).toThrow(
      expect.objectContaining({ code: "WT_SCOPE_DISPOSED" }),
    );
  });

  it("lets others have their turn though an agent always has something to say", async () => {
    await using bench = new RegistryBench();
    const { user } = bench;
    const chatty = async function* () {
      for (;;) yield { type: "CUSTOM", name: "x", value: 1 } as never;
    };
    const input = { threadId: "thread", runId: "run", messages: [], tools: [], context: [] };
    const run = bench.registry.start(
      bench.request("run"),
      { name: "chatty", agent: chatty },
      input,
    );

    await new Promise((resolve) => setTimeout(resolve, 1));

    expect(run.isActive).toBe(true);
    expect(bench.registry.user).toBe(user);
    expect(bench.registry.cancel("run")).toBe(true);
  });

  it.each([
    { maxConcurrentRuns: 0 },
    { runTimeoutMs: 2 ** 31 },
    { progressTimeoutMs: 2 ** 31 },
    { maxFinishedRuns: -1 },
  ])("refuses %j", (options) => {
    const bench = new RegistryBench();
    const sink = { begin: () => {}, event: () => {}, end: () => {} };

    expect(() => createAgentExecutionRegistry(bench.request("r"), { sink, ...options })).toThrow(
      Object.keys(options)[0],
    );
    expect(createAgentExecutionRegistry(bench.request("r"), { sink }).user).toBe(bench.user);
  });
});
