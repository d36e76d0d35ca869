import { describe, expect, it } from "vitest";
import { createAgentWebSocketBridge } from "../../src/bridge/agent-web-socket-bridge.ts";
import { createRequestContext } from "../../src/context/request-context.ts";
import { EventType, type WireEvent } from "../../src/protocol/events.ts";
import { openYard } from "../connection/socket-pair.ts";
import { BridgeBench } from "./bridge-bench.ts";

const unknown = expect.objectContaining({ code: "WT_RUN_UNKNOWN" });
const said = (value: unknown): WireEvent => ({ type: EventType.CUSTOM, name: "said", value });

describe("a bridge", () => {
  it("is made for the manager of the same user only", async () => {
    await using yard = await openYard();
    const [alice, bob] = [new BridgeBench(yard, "alice"), new BridgeBench(yard, "bob")];

    expect(() => createAgentWebSocketBridge(alice.user, bob.manager)).toThrow(
      expect.objectContaining({ code: "WT_OWNER_MISMATCH" }),
    );
    expect(createAgentWebSocketBridge(alice.user, alice.manager).user).toBe(alice.user);
  });

  it("opens runs of its own user only, each once", async () => {
    await using yard = await openYard();
    const [alice, bob] = [new BridgeBench(yard, "alice"), new BridgeBench(yard, "bob")];
    const foreign = createRequestContext(bob.user, { threadId: "t", runId: "r" });

    expect(() => alice.bridge.openRun(foreign)).toThrow(
      expect.objectContaining({ code: "WT_OWNER_MISMATCH" }),
    );
    alice.open("run");
    expect(() => alice.open("run")).toThrow(expect.objectContaining({ code: "WT_RUN_CONFLICT" }));
    expect(alice.bridge.openRuns).toBe(1);
  });

  it("gives two users with the same thread and run id each exactly their own events", async () => {
    await using yard = await openYard();
    const [alice, bob] = [new BridgeBench(yard, "alice"), new BridgeBench(yard, "bob")];
    const devices = [await alice.device(), await alice.device(), await bob.device()];

    for (const bench of [alice, bob]) {
      bench.open("run");
      void bench.bridge.publish("run", said(bench.user.userId));
      void bench.bridge.agentCompleted("run");
    }
    await Promise.all(devices.map((device) => device.endOf("run")));

    const heard = devices.map(({ frames }) => frames.map(({ value }) => value).filter(Boolean));
    expect(heard).toEqual([["alice"], ["alice"], ["bob"]]);
  });

  it("refuses a run that is foreign, unknown or over with the very same words", async () => {
    await using yard = await openYard();
    const [alice, bob] = [new BridgeBench(yard, "alice"), new BridgeBench(yard, "bob")];
    const device = await alice.device();
    bob.open("foreign");
    alice.open("over");
    void alice.bridge.agentCompleted("over");
    const messageOf = (runId: string): unknown => {
      try {
        return alice.bridge.publish(runId, said(runId));
      } catch (error) {
        expect(error).toEqual(unknown);
        return (error as Error).message;
      }
    };

    const messages = ["foreign", "never was", "over"].map(messageOf);
    alice.open("open");
    void alice.bridge.publish("open", said("open"));
    await device.first(({ value }) => value === "open");

    expect(new Set(messages).size).toBe(1);
    expect(device.frames.filter(({ type }) => type === "CUSTOM")).toHaveLength(1);
  });

  it("numbers the events of each run from 1 and puts the place into a copy of the metadata", async () => {
    await using yard = await openYard();
    const bench = new BridgeBench(yard, "alice");
    const device = await bench.device();
    const event = Object.freeze({ ...said(1), metadata: Object.freeze({ seq: 99, own: "kept" }) });
    bench.open("one", "thread-1");
    bench.open("two", "thread-2");

    void bench.bridge.publish("one", event);
    void bench.bridge.agentCompleted("one");
    void bench.bridge.agentCompleted("two");
    await device.endOf("two");

    expect(device.eventsOf("one").map(({ metadata }) => metadata)).toEqual([
      { threadId: "thread-1", runId: "one", seq: 1 },
      { threadId: "thread-1", runId: "one", seq: 2, own: "kept" },
      { threadId: "thread-1", runId: "one", seq: 3 },
    ]);
    expect(device.eventsOf("two").map(({ metadata }) => metadata?.seq)).toEqual([1, 2]);
    expect(event.metadata).toEqual({ seq: 99, own: "kept" });
  });

  it("leaves no gap in the numbers for an event that can't be written", async () => {
    await using yard = await openYard();
    const bench = new BridgeBench(yard, "alice");
    const device = await bench.device();
    bench.open("run");

    expect(() => bench.bridge.publish("run", said(1n))).toThrow(TypeError);
    void bench.bridge.publish("run", said(2));
    void bench.bridge.agentCompleted("run");
    await device.endOf("run");

    expect(device.eventsOf("run").map(({ metadata }) => metadata?.seq)).toEqual([1, 2, 3]);
  });

  it("passes a type that it does not know unchanged", async () => {
    await using yard = await openYard();
    const bench = new BridgeBench(yard, "alice");
    const device = await bench.device();
    bench.open("run");

    void bench.bridge.publish("run", { type: "TOMORROW", thing: 1 } as unknown as WireEvent);

    expect(await device.ofType("TOMORROW")).toMatchObject({ thing: 1, metadata: { seq: 2 } });
  });

  it("says when nobody was there to hear", async () => {
    await using yard = await openYard();
    const bench = new BridgeBench(yard, "alice");
    bench.open("run");
    const before = bench.bridge.publish("run", said(1));
    const device = await bench.device();

    expect(await before).toEqual({ status: "refused", reason: "no-connection" });
    expect(await bench.bridge.publish("run", said(2))).toEqual({
      status: "delivered",
      connections: 1,
    });
    expect(await device.first(({ value }) => value === 2)).toBeDefined();
  });
});

describe("what a bridge tells of an agent", () => {
  it("is start, thought, tool call, result, progress, custom and a good end, in AG-UI's words", async () => {
    await using yard = await openYard();
    const bench = new BridgeBench(yard, "alice");
    const device = await bench.device();
    const { bridge } = bench;
    bench.open("run");

    void bridge.agentThinking("run", "hm");
    const call = bridge.toolExecuting("run", "search", {
      query: "x",
      list: [{ apiKey: "s3cret" }],
    });
    void bridge.toolCompleted("run", call, { found: 1, token: "s3cret" });
    void bridge.progress("run", { percent: 50 });
    void bridge.custom("run", "mine", 7);
    void bridge.agentCompleted("run");
    await device.endOf("run");

    expect(device.frames.map(({ type }) => type)).toEqual([
      "RUN_STARTED",
      ...["START", "MESSAGE_START", "MESSAGE_CONTENT", "MESSAGE_END", "END"].map(
        (part) => `REASONING_${part}`,
      ),
      ...["START", "ARGS", "END", "RESULT"].map((part) => `TOOL_CALL_${part}`),
      "ACTIVITY_SNAPSHOT",
      "CUSTOM",
      "RUN_FINISHED",
    ]);
    expect(device.frames[0]).toMatchObject({ threadId: "thread", runId: "run" });
    expect(device.frames.at(-1)).toMatchObject({ outcome: { type: "success" } });
    expect(JSON.stringify(device.frames)).not.toContain("s3cret");
    expect(JSON.stringify(device.frames)).toContain("[redacted]");
  });

  it.each([
    [
      "a cancel",
      (b: BridgeBench) => b.bridge.agentCancelled("run"),
      { outcome: { type: "cancelled" } },
    ],
    [
      "an error",
      (b: BridgeBench) => b.bridge.agentError("run", "CODE", "why"),
      { code: "CODE", message: "why" },
    ],
    [
      "a death",
      (b: BridgeBench) => b.bridge.agentDeath("run", "bot", "no progress for 5 ms"),
      { code: "AGENT_DIED", message: 'Agent "bot" died: no progress for 5 ms.' },
    ],
  ])("is %s, after which nothing can be said", async (_, end, expected) => {
    await using yard = await openYard();
    const bench = new BridgeBench(yard, "alice");
    const device = await bench.device();
    bench.open("run");

    void end(bench);
    for (const late of [() => end(bench), () => bench.bridge.publish("run", said(1))]) {
      expect(late).toThrow(unknown);
    }
    bench.open("next");
    await device.first(({ metadata }) => metadata?.runId === "next");

    expect(device.eventsOf("run")).toHaveLength(2);
    expect(device.eventsOf("run")[1]).toMatchObject(expected);
    expect(bench.bridge.openRuns).toBe(1);
  });

  it("closes what is open before RUN_FINISHED, last opened first, and nothing that was closed", async () => {
    await using yard = await openYard();
    const bench = new BridgeBench(yard, "alice");
    const device = await bench.device();
    bench.open("run");
    const events: readonly WireEvent[] = [
      { type: EventType.STEP_STARTED, stepName: "step" },
      { type: EventType.SUBAGENT_STARTED, subagentRunId: "s", name: "helper" },
      { type: EventType.TEXT_MESSAGE_START, messageId: "m1", role: "assistant" },
      { type: EventType.TEXT_MESSAGE_END, messageId: "m1" },
      { type: EventType.TEXT_MESSAGE_START, messageId: "m2", role: "assistant" },
      { type: EventType.TOOL_CALL_START, toolCallId: "c", toolCallName: "tool" },
      { type: EventType.REASONING_START, messageId: "r" },
      { type: EventType.REASONING_MESSAGE_START, messageId: "r", role: "reasoning" },
    ];
    for (const event of events) void bench.bridge.publish("run", event);

    void bench.bridge.agentCompleted("run");
    await device.endOf("run");

    const tail = device.frames.slice(1 + events.length);
    const idOf = (f: Record<string, unknown>) =>
      f["messageId"] ?? f["toolCallId"] ?? f["stepName"] ?? f["subagentRunId"];
    expect(tail.map((f) => [f.type, idOf(f)])).toEqual([
      ["REASONING_MESSAGE_END", "r"],
      ["REASONING_END", "r"],
      ["TOOL_CALL_END", "c"],
      ["TEXT_MESSAGE_END", "m2"],
      ["SUBAGENT_FINISHED", "s"],
      ["STEP_FINISHED", "step"],
      ["RUN_FINISHED", undefined],
    ]);
  });
});
