import { describe, expect, it } from "vitest";
import type { AgentEvent } from "../../src/protocol/events.ts";
import { RegistryBench } from "./registry-bench.ts";

/** Starts another run and waits for its end: whatever was said before has been told by then. */
async function fence(bench: RegistryBench): Promise<void> {
  await bench.start("echo", "fence").ended;
  await expect.poll(() => bench.ends("fence")).toHaveLength(1);
}

describe("a run ends exactly once", () => {
  it("by finishing", async () => {
    await using bench = new RegistryBench();

    const run = bench.start("echo", "run");
    await run.ended;
    await fence(bench);

    expect(run.status).toBe("finished");
    expect(bench.registry.cancel("run")).toBe(false);
    expect(bench.ends("run")).toEqual(["end run finished"]);
  });

  it("by a cancel, and what the agent says after that is dropped", async () => {
    await using bench = new RegistryBench();
    const run = bench.start("wait", "run");
    await expect.poll(() => bench.told).toContain("CUSTOM run");

    expect(bench.registry.cancel("run")).toBe(true);
    expect(bench.registry.cancel("run")).toBe(false);
    expect(run.signal.aborted).toBe(true);
    bench.agents.release();
    await expect.poll(() => bench.agents.left.size).toBe(1);
    await fence(bench);

    expect(bench.told.filter((entry) => entry.endsWith(" run"))).toEqual([
      "begin run",
      "CUSTOM run",
    ]);
    expect(bench.ends("run")).toEqual(["end run cancelled"]);
  });

  it("by its request's signal, whether that fires before or after the start", async () => {
    await using bench = new RegistryBench();
    const abort = new AbortController();
    const later = bench.start("wait", "later", { signal: abort.signal });
    abort.abort();
    const earlier = bench.start("wait", "earlier", { signal: abort.signal });

    expect([await later.ended, await earlier.ended]).toEqual([
      { status: "cancelled" },
      { status: "cancelled" },
    ]);
    await fence(bench);

    expect(bench.ends("later")).toHaveLength(1);
    expect(bench.told.filter((entry) => entry.includes("earlier"))).toEqual([
      "begin earlier",
      "end earlier cancelled",
    ]);
    expect(bench.agents.started.map(({ runId }) => runId)).toEqual(["later", "fence"]);
  });

  it("by a failure, which the operator hears of", async () => {
    await using bench = new RegistryBench();

    const outcome = await bench.start("fails", "run").ended;
    await fence(bench);

    expect(outcome).toMatchObject({ status: "failed" });
    expect(bench.ends("run")).toEqual(["end run failed"]);
    expect(bench.errors).toMatchObject([{ stage: "agent", error: { message: /db-password/ } }]);
  });

  it("by its timeout", async () => {
    await using bench = new RegistryBench({ runTimeoutMs: 20 });

    const outcome = await bench.start("hangs", "run").ended;
    await fence(bench);

    expect(outcome).toEqual({ status: "timed-out", afterMs: 20 });
    expect(bench.ends("run")).toEqual(["end run timed-out"]);
  });

  it("by its deadline, if that is sooner, and never at once because it is far", async () => {
    await using bench = new RegistryBench();
    const far = bench.start("wait", "far", { deadline: Number.MAX_SAFE_INTEGER });

    const outcome = await bench.start("hangs", "near", { deadline: Date.now() + 20 }).ended;

    expect(outcome).toMatchObject({ status: "timed-out" });
    expect(far.isActive).toBe(true);
    expect((await bench.start("hangs", "past", { deadline: 1 }).ended).status).toBe("timed-out");
  });

  it("by the death of an agent that shows no progress, while one that does lives", async () => {
    await using bench = new RegistryBench({ progressTimeoutMs: 100 });
    const living = bench.start("wait", "living");
    const alive = setInterval(() => bench.agents.started[0]?.progress(), 10);

    const outcome = await bench.start("hangs", "dead").ended;
    clearInterval(alive);
    await fence(bench);

    expect(outcome).toEqual({ status: "died", cause: "no progress for 100 ms" });
    expect(bench.ends("dead")).toEqual(["end dead died"]);
    expect(living.isActive).toBe(true);
  });

  it("as failed, if its agent speaks for the runtime (the run was once lost, its end unsaid)", async () => {
    await using bench = new RegistryBench();

    const outcome = await bench.start("usurps", "run").ended;
    await expect.poll(() => bench.agents.left.size).toBe(1);
    await fence(bench);

    expect(outcome).toMatchObject({ status: "failed", error: { code: "WT_EVENT_INVALID" } });
    expect(bench.told.filter((entry) => entry.includes(" run"))).toEqual([
      "begin run",
      "end run failed",
    ]);
  });

  it.each([
    ["nothing", undefined],
    ["a text", "RUN_STARTED"],
    ["a word of the server's", { type: "ready" }],
    ["an end of its own", { type: "RUN_ERROR", message: "x" }],
    ["no type", {}],
  ])("as failed, if its agent yields %s", async (_, event) => {
    await using bench = new RegistryBench();
    const input = { threadId: "thread", runId: "run", messages: [], tools: [], context: [] };
    const agent = async function* () {
      yield event as unknown as AgentEvent;
    };

    const run = bench.registry.start(bench.request("run"), { name: "bad", agent }, input);

    expect(await run.ended).toMatchObject({
      status: "failed",
      error: { code: "WT_EVENT_INVALID" },
    });
    await fence(bench);
    expect(bench.ends("run")).toEqual(["end run failed"]);
  });

  it.each([
    [
      "throws before its first event",
      () => {
        throw new Error("no");
      },
    ],
    ["is no generator", () => undefined],
  ])("as failed, if its agent %s", async (_, agent) => {
    await using bench = new RegistryBench();
    const input = { threadId: "thread", runId: "run", messages: [], tools: [], context: [] };
    const named = { name: "bad", agent: agent as never };

    const run = bench.registry.start(bench.request("run"), named, input);

    expect((await run.ended).status).toBe("failed");
    await fence(bench);
    expect(bench.ends("run")).toEqual(["end run failed"]);
  });

  it("as failed, if an event can't be told, and the next run is told of as ever", async () => {
    const bench = new RegistryBench({
      sink: {
        begin: () => {},
        event: ({ runId }) => {
          if (runId === "run") throw new Error("can't be told");
        },
        end: ({ runId }, _, { status }) => void bench.told.push(`end ${runId} ${status}`),
      },
    });

    expect((await bench.start("wait", "run").ended).status).toBe("failed");
    await fence(bench);

    expect(bench.told).toEqual(["end run failed", "end fence finished"]);
    expect(bench.errors).toMatchObject([{ stage: "sink" }]);
    await bench.registry.dispose();
  });

  it("though the operator's ear throws", async () => {
    await using bench = new RegistryBench({
      onError: () => {
        throw new Error("deaf");
      },
    });

    expect((await bench.start("fails", "run").ended).status).toBe("failed");
    await fence(bench);

    expect(bench.ends("run")).toEqual(["end run failed"]);
  });
});
