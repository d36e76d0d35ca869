import { describe, expect, it } from "vitest";
import type { Agent } from "../../src/execution/agent.ts";
import type { RuntimeOptions } from "../../src/runtime-options.ts";
import { startServer } from "./test-server.ts";

const LONG_MS = 3_600_000;

/** Uses what its input says, one way or the other. */
const spender: Agent = async function* ({ messages }, { reportUsage }) {
  const [how, tokens] = ((messages.at(0)?.content as string | undefined) ?? "").split(" ");
  if (how === "call") reportUsage(Number(tokens));
  yield { type: "CUSTOM", name: "usage", value: { totalTokens: how === "event" ? +tokens! : 0 } };
};

function options(tokenWindowMs: number, more: Partial<RuntimeOptions> = {}) {
  return {
    agents: { spender },
    tokenBudgetOf: ({ userId }) => (userId === "alice" ? 100 : Number.POSITIVE_INFINITY),
    limits: { tokenWindowMs },
    ...more,
  } satisfies Partial<RuntimeOptions>;
}

const spend = (runId: string, said: string) => ({
  type: "run",
  agent: "spender",
  input: {
    threadId: runId,
    runId,
    messages: [{ id: "m", role: "user", content: said }],
    tools: [],
    context: [],
  },
});

describe("a user's token budget", () => {
  it.each([
    ["call 99", true],
    ["call 100", false],
    ["call 101", false],
    ["event 99", true],
    ["event 100", false],
    ["call 0", true],
  ])("after `%s` of 100 lets the next run go: %s", async (said, goes) => {
    await using server = await startServer(options(LONG_MS));
    const [alice, bob] = [await server.connect("alice"), await server.connect("bob")];
    alice.send(spend("first", said));
    await alice.endOf("first");

    for (const run of ["next", "last"]) alice.send(spend(run, "call 0"));
    bob.send(spend("next", said));

    expect((await bob.endOf("next")).type).toBe("RUN_FINISHED");
    const queued = ({ name, metadata }: { readonly [key: string]: unknown }, runId: string) =>
      name === "watertight.queued" && (metadata as { runId: string }).runId === runId;
    if (goes) {
      expect((await alice.endOf("last")).type).toBe("RUN_FINISHED");
      expect(alice.frames.some((frame) => JSON.stringify(frame).includes("token-budget"))).toBe(
        false,
      );
      return;
    }
    const told = await Promise.all(
      ["next", "last"].map((run) => alice.first((frame) => queued(frame, run))),
    );
    expect(told.map(({ value }) => value)).toEqual([
      { position: 1, of: 2, reason: "token-budget", resumesInMs: expect.any(Number) as number },
      { position: 2, of: 2, reason: "token-budget", resumesInMs: expect.any(Number) as number },
    ]);
    await alice.fence();
    expect(alice.eventsOf("next").map(({ type }) => type)).toEqual(["RUN_STARTED", "CUSTOM"]);
    // Whoever waits is not stuck: it can be cancelled.
    alice.cancel("next");
    expect((await alice.endOf("next"))["outcome"]).toEqual({ type: "cancelled" });
    expect(server.told).toEqual([]);
  });

  it("is whole again when the window ends: who waited goes, in order", async () => {
    await using server = await startServer(
      options(300, { limits: { tokenWindowMs: 300, maxConcurrentRuns: 1 } }),
    );
    const alice = await server.connect("alice");
    alice.send(spend("first", "call 100"));
    await alice.endOf("first");

    for (const run of ["second", "third"]) alice.send(spend(run, "call 1"));
    await alice.endOf("third");

    const ends = alice.frames.filter(({ type }) => type === "RUN_FINISHED");
    expect(ends.map(({ metadata }) => metadata?.runId)).toEqual(["first", "second", "third"]);
  });

  it("tells who waits already that the budget is spent meanwhile", async () => {
    const gate = { open: () => {} };
    const opened = new Promise<void>((resolve) => (gate.open = resolve));
    const waits: Agent = async function* (_, { reportUsage }) {
      yield { type: "CUSTOM", name: "said", value: 1 };
      await opened;
      reportUsage(100);
      await new Promise(() => {});
    };
    await using server = await startServer(
      options(LONG_MS, {
        agents: { waits, spender },
        limits: { tokenWindowMs: LONG_MS, maxConcurrentRuns: 1 },
      }),
    );
    const alice = await server.connect("alice");
    alice.run("waits", "first");
    await alice.first(({ name }) => name === "said");
    alice.send(spend("second", "call 1"));
    expect((await alice.first(({ name }) => name === "watertight.queued"))["value"]).toEqual({
      position: 1,
      of: 1,
    });

    gate.open();

    const held = await alice.first(({ value }) => Object(value).reason === "token-budget");
    expect(held.metadata?.runId).toBe("second");
    alice.cancel("first");
    await alice.endOf("first");
    await alice.fence();
    expect(alice.eventsOf("second").map(({ type }) => type)).not.toContain("RUN_FINISHED");
  });

  it("that is none is the operator's to hear of, and keeps nobody from working", async () => {
    await using server = await startServer({ ...options(LONG_MS), tokenBudgetOf: () => -1 });
    const alice = await server.connect("alice");
    alice.send(spend("first", "call 100"));
    await alice.endOf("first");
    alice.send(spend("next", "call 1"));

    expect((await alice.endOf("next")).type).toBe("RUN_FINISHED");
    expect(server.told[0]).toMatchObject({ stage: "queue", error: { code: "WT_OPTION_INVALID" } });
  });

  it("is not refunded: what is no number of tokens fails the run", async () => {
    await using server = await startServer(options(LONG_MS));
    const alice = await server.connect("alice");
    alice.send(spend("first", "call -5"));

    expect((await alice.endOf("first"))["code"]).toBe("AGENT_FAILED");
  });
});
