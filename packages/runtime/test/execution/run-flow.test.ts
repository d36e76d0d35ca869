import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Agent } from "../../src/execution/agent.ts";
import { AgentDiedError } from "../../src/execution/agent-died-error.ts";
import type { AgentExecutionRegistryOptions } from "../../src/execution/agent-execution-registry.ts";
import type { Run } from "../../src/execution/run.ts";
import type { AgentEvent } from "../../src/protocol/events.ts";
import { createDeferred } from "../internal/deferred.ts";
import { RegistryBench } from "./registry-bench.ts";

const said = (value: unknown): AgentEvent => ({ type: "CUSTOM", name: "said", value });

function startOn(bench: RegistryBench, agent: Agent, runId = "run"): Run {
  const input = { threadId: "thread", runId, messages: [], tools: [], context: [] };
  return bench.registry.start(bench.request(runId), { name: "own", agent }, input);
}

describe("a sink that takes its time", () => {
  function slowSink(work: () => Promise<void>): AgentExecutionRegistryOptions["sink"] {
    return { begin: () => {}, event: work, end: () => {} };
  }

  it("is waited for before the agent is asked for more", async () => {
    const gate = createDeferred();
    const asked: number[] = [];
    await using bench = new RegistryBench({ sink: slowSink(() => gate.promise) });
    const run = startOn(bench, async function* () {
      for (let i = 1; i <= 3; i += 1) {
        asked.push(i);
        yield said(i);
      }
    });
    await delay(50);
    expect(asked).toEqual([1]);

    gate.resolve();

    expect(await run.ended).toEqual({ status: "finished" });
    expect(asked).toEqual([1, 2, 3]);
  });

  it("is no silence of the agent, but counts in the time of the run", async () => {
    const sink = slowSink(() => new Promise(() => {}));
    await using bench = new RegistryBench({ sink, progressTimeoutMs: 30, runTimeoutMs: 300 });

    const run = startOn(bench, async function* () {
      yield said(1);
    });

    expect(await run.ended).toEqual({ status: "timed-out", afterMs: 300 });
  });

  it("does not keep a run from being cancelled", async () => {
    await using bench = new RegistryBench({ sink: slowSink(() => new Promise(() => {})) });
    const left = createDeferred();
    const run = startOn(bench, async function* () {
      try {
        yield said(1);
      } finally {
        left.resolve();
      }
    });
    await delay(20);

    expect(bench.registry.cancel("run")).toBe(true);

    expect(await run.ended).toEqual({ status: "cancelled" });
    await left.promise;
  });

  it("and rejects ends the run as failed, once, and the operator hears of it", async () => {
    const sink = slowSink(() => Promise.reject(new Error("can't be told")));
    await using bench = new RegistryBench({ sink });

    const run = startOn(bench, async function* () {
      yield said(1);
      yield said(2);
    });

    expect(await run.ended).toMatchObject({ status: "failed" });
    await expect.poll(() => bench.errors).toMatchObject([{ stage: "sink" }]);
  });
});

describe("what an agent returns", () => {
  const returning = (value: unknown): Agent =>
    async function* () {
      yield said(1);
      return value as never;
    };

  it.each([
    [undefined, { status: "finished" }],
    [{}, { status: "finished" }],
    [{ result: { a: [1] } }, { status: "finished", result: { a: [1] } }],
    [{ result: null }, { status: "finished", result: null }],
    [
      { interrupts: [{ id: "i", reason: "approval", message: "May I?" }] },
      { status: "interrupted", interrupts: [{ id: "i", reason: "approval", message: "May I?" }] },
    ],
  ])("%j is how the run ends", async (value, outcome) => {
    await using bench = new RegistryBench();

    expect(await startOn(bench, returning(value)).ended).toEqual(outcome);
    expect(bench.errors).toEqual([]);
  });

  it.each([
    ["a text", "done"],
    ["null", null],
    ["a list", []],
    ["no interrupts", { interrupts: [] }],
    ["interrupts without a reason", { interrupts: [{ id: "i" }] }],
    ["interrupts that are none", { interrupts: "i" }],
    ["both", { result: 1, interrupts: [{ id: "i", reason: "r" }] }],
    ["a misspelling", { interupts: [{ id: "i", reason: "r" }] }],
    ["what JSON can't say", { result: 1n }],
  ])("that is %s makes the run fail", async (_, value) => {
    await using bench = new RegistryBench();

    expect(await startOn(bench, returning(value)).ended).toMatchObject({
      status: "failed",
      error: { code: "WT_EVENT_INVALID" },
    });
    expect(bench.errors).toHaveLength(1);
  });
});

describe("an event that an agent says", () => {
  it.each([
    [{ threadId: "thread", runId: "run" }, "finished"],
    [{ metadata: { threadId: "thread", runId: "run", mine: 1 } }, "finished"],
    [{ subagentRunId: "sub" }, "finished"],
    [{ runId: "other" }, "failed"],
    [{ threadId: "other" }, "failed"],
    [{ metadata: { runId: "other" } }, "failed"],
    [{ metadata: { threadId: "other" } }, "failed"],
    [{ runId: null }, "failed"],
  ])("and that has %j makes the run end %s", async (names, status) => {
    await using bench = new RegistryBench();

    const run = startOn(bench, async function* () {
      yield { ...said(1), ...names } as AgentEvent;
    });

    expect((await run.ended).status).toBe(status);
    expect(bench.told.includes("CUSTOM run")).toBe(status === "finished");
    const code = { code: "WT_EVENT_INVALID" };
    expect(bench.errors).toMatchObject(status === "failed" ? [{ error: code }] : []);
  });
});

describe("an agent", () => {
  it("that knows that it died ends its run so, with a cause for the owner and an error for the operator", async () => {
    await using bench = new RegistryBench();
    const behind = new Error("internal: hunter2");

    const run = startOn(bench, async function* () {
      yield said(1);
      throw new AgentDiedError("out of memory", behind);
    });

    expect(await run.ended).toEqual({ status: "died", cause: "out of memory" });
    expect(bench.errors).toEqual([{ stage: "agent", error: behind }]);
  });

  it("is told by its iterator that the run has ended, once, though it is hung", async () => {
    await using bench = new RegistryBench();
    const calls: string[] = [];
    const agent = (): AsyncIterableIterator<AgentEvent> => ({
      [Symbol.asyncIterator]() {
        return this;
      },
      next: () => new Promise(() => {}),
      return: () => {
        calls.push("return");
        return new Promise(() => {});
      },
    });
    const run = startOn(bench, agent);

    bench.registry.cancel("run");

    expect(await run.ended).toEqual({ status: "cancelled" });
    await expect.poll(() => calls).toEqual(["return"]);
  });

  it("is not told if it ended by itself, and may fail to be told", async () => {
    await using bench = new RegistryBench();
    const calls: string[] = [];
    const iterator = (steps: AgentEvent[], fails: boolean): Agent => {
      return () => ({
        [Symbol.asyncIterator]() {
          return this as never;
        },
        async next() {
          const value = steps.shift();
          if (value !== undefined) return { done: false, value };
          if (fails) throw new Error("failed");
          return { done: true, value: undefined };
        },
        return() {
          calls.push("return");
          throw new Error("not this way");
        },
      });
    };

    await startOn(bench, iterator([said(1)], false), "1").ended;
    await startOn(bench, iterator([said(1)], true), "2").ended;
    await delay(5);
    expect(calls).toEqual([]);

    await startOn(bench, iterator([{ type: "NO" } as never, {} as never], false), "3").ended;
    await expect.poll(() => calls).toEqual(["return"]);
  });

  it("hears its signal before its iterator is told", async () => {
    await using bench = new RegistryBench();
    const heard: string[] = [];
    const run = startOn(bench, async function* (_, { signal }) {
      signal.addEventListener("abort", () => heard.push("abort"));
      try {
        yield said(1);
        await delay(1000, undefined, { signal });
      } finally {
        heard.push("left");
      }
    });
    await expect.poll(() => bench.told).toContain("CUSTOM run");

    bench.registry.cancel("run");
    await run.ended;

    await expect.poll(() => heard).toEqual(["abort", "left"]);
  });
});
