import { describe, expect, it } from "vitest";
import type { ClientOptions } from "../../src/client/client-options.ts";
import { type ScriptedLine, type ScriptedServer, startScriptedServer } from "./scripted-server.ts";
import { readAll, seqsOf, TestDevice } from "./test-device.ts";

const SOON = { interval: 5 };
const ASK = { agent: "echo", threadId: "thread", runId: "run" };

interface Scene extends AsyncDisposable {
  readonly server: ScriptedServer;
  readonly device: TestDevice;
  readonly line: ScriptedLine;
}

/** A client that is ready on its first line, and has asked for a run. */
async function openScene(options: Partial<ClientOptions> = {}): Promise<Scene> {
  const server = await startScriptedServer();
  const device = new TestDevice({ url: server.url, ...options });
  const line = await server.next();
  line.ready();
  await expect.poll(() => device.client.state, SOON).toBe("ready");
  const end = async (): Promise<void> => {
    await device.client.close();
    await server[Symbol.asyncDispose]();
  };
  return { server, device, line, [Symbol.asyncDispose]: end };
}

/** Waits until the server has been told of `count` incidents. */
async function told(line: ScriptedLine, count: number): Promise<readonly unknown[]> {
  await expect.poll(() => line.ofType("incident").length, SOON).toBe(count);
  return line.ofType("incident");
}

describe("an event that is not this client's", () => {
  it.each([
    ["of another thread", {}, { threadId: "bobs-thread" }],
    ["of another user's log, with equal ids", {}, { position: "bobs-log.20.tag" }],
    [
      "of a run that calls itself another",
      { type: "RUN_FINISHED", threadId: "thread", runId: "bobs" },
      {},
    ],
  ])("%s is refused, reported, and changes nothing", async (_, changes, place) => {
    await using scene = await openScene();
    const { device, line } = scene;
    const run = device.client.run(ASK);
    const reading = readAll(run);
    line.start();

    line.event(2, { value: "bobs secret", ...changes }, place);
    line.event(2);
    line.finish(3);

    const { events, error } = await reading;
    expect(error).toBeUndefined();
    expect(seqsOf(events)).toEqual([1, 2, 3]);
    expect(await run.ended).toEqual({ status: "finished" });
    expect(device.events).toEqual(events);
    expect(device.kinds()).toEqual(["foreign"]);
    expect(await told(line, 1)).toEqual([{ type: "incident", kind: "foreign", runId: "run" }]);
    expect(JSON.stringify([device.events, device.incidents, line.frames])).not.toContain("secret");
    expect(scene.server.lines).toHaveLength(1);
  });

  it("is no use to end a run with", async () => {
    await using scene = await openScene();
    const { device, line } = scene;
    const run = device.client.run(ASK);
    line.start();

    line.finish(2, { type: "success" }, { threadId: "bobs-thread" });
    line.event(2);
    line.finish(3, { type: "cancelled" });

    expect(await run.ended).toEqual({ status: "cancelled" });
    expect(seqsOf(device.events)).toEqual([1, 2, 3]);
  });
});

describe("an event that came before", () => {
  it("is dropped and reported, though it says something else now", async () => {
    await using scene = await openScene();
    const { device, line } = scene;
    const reading = readAll(device.client.run(ASK));
    line.start();
    line.event(2);

    line.event(2, { value: "another" });
    line.start();
    line.finish(3);

    expect((await reading).events).toMatchObject([{ type: "RUN_STARTED" }, { value: 2 }, {}]);
    expect(device.incidents).toEqual([
      { kind: "duplicate", threadId: "thread", runId: "run", seq: 2 },
      { kind: "duplicate", threadId: "thread", runId: "run", seq: 1 },
    ]);
  });

  it("is a duplicate also right after coming back", async () => {
    await using scene = await openScene();
    const { server, device, line } = scene;
    const reading = readAll(device.client.run(ASK));
    line.start();
    line.event(2);
    await expect.poll(() => device.events.length, SOON).toBe(2);
    line.cut();

    const next = await server.next();
    next.ready();
    next.event(2);
    next.finish(3);

    expect(next.query.get("after")).toBe("log.20.tag");
    expect(seqsOf((await reading).events)).toEqual([1, 2, 3]);
    expect(device.kinds()).toEqual(["duplicate"]);
  });
});

describe("the end of a run", () => {
  it("comes once, and nothing comes after it", async () => {
    await using scene = await openScene();
    const { device, line } = scene;
    const run = device.client.run(ASK);
    const reading = readAll(run);
    line.start();
    line.finish(2);

    line.finish(2);
    line.finish(3, { type: "cancelled" });
    line.event(4);
    await told(line, 3);

    expect(seqsOf((await reading).events)).toEqual([1, 2]);
    expect(await run.ended).toEqual({ status: "finished" });
    expect(device.kinds()).toEqual(["duplicate", "after-end", "after-end"]);
    expect(seqsOf(device.events)).toEqual([1, 2]);
  });

  it.each([
    [
      "RUN_ERROR",
      { code: "AGENT_DIED", message: "m" },
      { status: "failed", code: "AGENT_DIED", message: "m" },
    ],
    [
      "RUN_FINISHED",
      { outcome: { type: "interrupt", interrupts: [{ id: "i" }] } },
      { status: "interrupted", interrupts: [{ id: "i" }] },
    ],
    [
      "RUN_FINISHED",
      { outcome: { type: "not-yet-known" } },
      { status: "failed", code: "OUTCOME_UNKNOWN" },
    ],
    ["RUN_FINISHED", { result: { answer: 42 } }, { status: "finished", result: { answer: 42 } }],
  ])("as %s %o says how", async (type, fields, outcome) => {
    await using scene = await openScene();
    const run = scene.device.client.run(ASK);
    scene.line.start();

    scene.line.event(2, { type, threadId: "thread", runId: "run", ...fields });

    expect(await run.ended).toMatchObject(outcome);
  });

  it("that never came is no success when the client is closed", async () => {
    await using scene = await openScene();
    const run = scene.device.client.run(ASK);
    const reading = readAll(run);
    scene.line.start();
    scene.line.event(2);
    await expect.poll(() => scene.device.events.length, SOON).toBe(2);

    await scene.device.client.close();

    expect(await run.ended).toMatchObject({ status: "lost", error: { code: "WT_CLIENT_CLOSED" } });
    expect(await reading).toMatchObject({ error: { code: "WT_CLIENT_CLOSED" } });
    expect(seqsOf((await reading).events)).toEqual([1, 2]);
  });
});

describe("a gap", () => {
  it("is asked for again from the run's last event, and closed without a duplicate", async () => {
    await using scene = await openScene();
    const { server, device, line } = scene;
    const other = { threadId: "thread", runId: "other" };
    const reading = readAll(device.client.run(ASK));
    const others = readAll(device.client.run({ ...ASK, runId: "other" }));
    line.start();
    line.start({ ...other, position: line.position(12) });
    line.event(2);
    line.event(2, {}, { ...other, position: line.position(22) });

    line.event(4);
    const next = await server.next();
    next.ready();
    next.event(2, {}, { ...other, position: line.position(22) });
    next.event(3);
    next.event(4);
    next.event(3, {}, { ...other, position: line.position(42) });
    next.finish(5);
    next.finish(4, { type: "success" }, { ...other, position: line.position(52) });

    expect(seqsOf((await reading).events)).toEqual([1, 2, 3, 4, 5]);
    expect(seqsOf((await others).events)).toEqual([1, 2, 3, 4]);
    expect(next.query.get("after")).toBe("log.20.tag");
    expect(await line.closed).toBe(4400);
    expect(device.incidents).toEqual([{ kind: "gap", threadId: "thread", runId: "run", seq: 4 }]);
    expect(line.ofType("incident")).toEqual([{ type: "incident", kind: "gap", runId: "run" }]);
  });

  it("ends the repeats that are expected: a duplicate after them is reported", async () => {
    await using scene = await openScene();
    const { server, device, line } = scene;
    const reading = readAll(device.client.run(ASK));
    const other = { runId: "other", position: line.position(15) };
    line.start();
    line.start(other);
    line.event(3);

    const next = await server.next();
    next.ready();
    next.start(other);
    next.event(2);
    next.start(other);
    next.finish(3);

    expect(seqsOf((await reading).events)).toEqual([1, 2, 3]);
    expect(device.kinds()).toEqual(["gap", "duplicate"]);
  });

  it("that is still there when asked again fails the run, and no other", async () => {
    await using scene = await openScene();
    const { server, device, line } = scene;
    const run = device.client.run(ASK);
    const reading = readAll(run);
    const other = device.client.run({ ...ASK, runId: "other" });
    line.start();
    line.event(3);

    const next = await server.next();
    next.ready();
    next.event(3);
    next.finish(4);
    next.start({ runId: "other", position: line.position(50) });
    next.finish(2, { type: "success" }, { runId: "other", position: line.position(60) });

    expect(await other.ended).toEqual({ status: "finished" });
    expect(await run.ended).toMatchObject({ status: "lost", error: { code: "WT_EVENTS_MISSING" } });
    expect(await reading).toMatchObject({ error: { code: "WT_EVENTS_MISSING" } });
    expect(seqsOf((await reading).events)).toEqual([1]);
    expect(seqsOf(device.events.filter(({ metadata }) => metadata.runId === "run"))).toEqual([1]);
    expect(device.kinds()).toEqual(["gap", "gap"]);
    expect(server.lines).toHaveLength(2);
    expect(device.client.position).toBe("log.60.tag");
  });

  it("at the very beginning of a run is noticed", async () => {
    await using scene = await openScene();
    const { server, device, line } = scene;
    const reading = readAll(device.client.run(ASK));
    line.event(2);

    const next = await server.next();
    next.ready();
    next.start();
    next.finish(2);

    expect(seqsOf((await reading).events)).toEqual([1, 2]);
    expect(next.query.get("after")).toBe("log.0.tag");
  });

  it("by two events that changed places heals, in order", async () => {
    await using scene = await openScene();
    const { server, device, line } = scene;
    const reading = readAll(device.client.run(ASK));
    line.start();
    line.event(3);
    line.event(2);

    const next = await server.next();
    next.ready();
    for (const seq of [2, 3, 2]) next.event(seq);
    next.finish(4);

    expect(seqsOf((await reading).events)).toEqual([1, 2, 3, 4]);
    // Nothing had come after the missing one: nothing may be repeated.
    expect(device.kinds()).toEqual(["gap", "duplicate"]);
  });

  it("in the run of another device is never handed out as if it were none", async () => {
    await using scene = await openScene();
    const { server, device, line } = scene;
    line.event(7);
    line.event(9);

    const next = await server.next();
    next.ready();
    next.event(9);
    next.finish(10);
    next.start({ runId: "other", position: line.position(200) });
    await expect.poll(() => device.events.length, SOON).toBe(2);

    expect(seqsOf(device.events)).toEqual([7, 1]);
  });
});

describe("what is no frame", () => {
  it.each([
    ["text that is cut", '{"type":"CUSTOM","metad'],
    ["no object", "7"],
    ["null", "null"],
    ["no type", "{}"],
    ["an event without a place", { type: "CUSTOM" }],
    ["no position", { type: "CUSTOM", metadata: { threadId: "thread", runId: "run", seq: 2 } }],
    [
      "an empty position",
      { type: "CUSTOM", metadata: { threadId: "thread", runId: "run", seq: 2, position: "" } },
    ],
    [
      "a number that is none",
      {
        type: "CUSTOM",
        metadata: { threadId: "thread", runId: "run", seq: "2", position: "log.20.tag" },
      },
    ],
    [
      "a second start",
      {
        type: "RUN_STARTED",
        threadId: "thread",
        runId: "run",
        metadata: { threadId: "thread", runId: "run", seq: 2, position: "log.20.tag" },
      },
    ],
    ["an error without a code", { type: "error", message: "m" }],
    ["prototype keys", '{"__proto__":{"type":"CUSTOM"}}'],
  ])("(%s) ends the line; what it may have been is asked for again", async (_, frame) => {
    await using scene = await openScene();
    const { server, device, line } = scene;
    const reading = readAll(device.client.run(ASK));
    line.start();

    line.send(frame);
    const next = await server.next();
    next.ready();
    next.event(2);
    next.finish(3);

    expect(seqsOf((await reading).events)).toEqual([1, 2, 3]);
    expect(device.kinds()).toEqual(["malformed"]);
    expect(next.query.get("after")).toBe("log.10.tag");
  });

  it("but bytes is as bad", async () => {
    await using scene = await openScene();
    scene.line.binary(Buffer.from('{"type":"pong"}'));

    await scene.server.next();

    expect(scene.device.kinds()).toEqual(["malformed"]);
  });

  it("twice in a row, and nothing good between, closes the client with an error", async () => {
    await using scene = await openScene();
    const { server, device, line } = scene;
    const run = device.client.run(ASK);
    line.send("nonsense");
    const next = await server.next();
    next.ready();
    next.send("nonsense");

    expect(await device.client.closed).toMatchObject({
      by: "client",
      error: { code: "WT_CLIENT_CLOSED" },
    });
    expect(await run.ended).toMatchObject({ status: "lost" });
    expect(() => device.client.run(ASK)).toThrow(/closed/);
  });

  it("but a frame of a type that is not known yet ends nothing", async () => {
    await using scene = await openScene();
    const { device, line } = scene;
    const reading = readAll(device.client.run(ASK));
    line.send({ type: "queued", runId: "run", place: 3 });
    line.start();
    line.finish(2);

    expect(seqsOf((await reading).events)).toEqual([1, 2]);
    expect(device.kinds()).toEqual(["unknown-frame"]);
    expect(line.ofType("incident")).toEqual([]);
  });
});

describe("a `ready`", () => {
  it("for another session than was asked for is refused, twice for good", async () => {
    await using server = await startScriptedServer();
    await using device = new TestDevice({ url: server.url, session: "mine" });
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const line = await server.next();
      line.ready({ sessionId: "bobs" });
      expect(await line.closed).toBe(4400);
      expect(line.ofType("incident")).toEqual([{ type: "incident", kind: "foreign-session" }]);
    }

    expect(await device.client.closed).toMatchObject({ by: "client" });
    expect(device.times("ready")).toBe(0);
    expect(device.client.session).toBe("mine");
  });

  it.each([
    ["that ignores the position", { resume: { status: "live" } }, "malformed"],
    ["of another log", { position: "bobs-log.3.tag" }, "foreign"],
    ["without a position", { position: undefined }, "malformed"],
    ["of another protocol", { protocolVersion: "2.0" }, "malformed"],
  ])("%s is refused", async (_, changes, kind) => {
    await using server = await startScriptedServer();
    await using device = new TestDevice({ url: server.url, after: "log.3.tag" });

    (await server.next()).ready(changes);
    const next = await server.next();
    next.ready();

    await expect.poll(() => device.client.state, SOON).toBe("ready");
    expect(device.kinds()).toEqual([kind]);
  });

  it("comes first, and once", async () => {
    await using server = await startScriptedServer();
    await using device = new TestDevice({ url: server.url });
    (await server.next()).start();
    const line = await server.next();
    line.ready();
    line.start();
    line.ready();

    (await server.next()).ready();

    await expect.poll(() => device.times("ready"), SOON).toBe(2);
    expect(device.kinds()).toEqual(["malformed", "malformed"]);
    expect(seqsOf(device.events)).toEqual([1]);
  });
});

describe("a log that can't go on where the client was", () => {
  it.each(["trimmed", "rolled-back", "new-log"])(
    "(%s) is told, and open runs fail",
    async (reason) => {
      await using scene = await openScene();
      const { server, device, line } = scene;
      const run = device.client.run(ASK);
      const reading = readAll(run);
      line.start();
      line.event(2);
      await expect.poll(() => device.events.length, SOON).toBe(2);
      line.cut();

      const next = await server.next();
      const position = "other-log.5.tag";
      next.ready({ position, resume: { status: "reset", reason } });
      next.event(9, {}, { position: "other-log.6.tag" });

      expect(await run.ended).toMatchObject({
        status: "lost",
        error: { code: "WT_EVENTS_MISSING" },
      });
      expect(await reading).toMatchObject({ error: { code: "WT_EVENTS_MISSING" } });
      await expect.poll(() => device.events.length, SOON).toBe(3);
      expect(device.resets).toEqual([{ reason }]);
      expect(device.client.position).toBe("other-log.6.tag");
      expect(device.incidents).toEqual([]);
    },
  );

  it("or that refuses the position is reported; what was not asked for yet still is", async () => {
    await using server = await startScriptedServer();
    await using device = new TestDevice({ url: server.url, after: "forged.1.tag" });
    const run = device.client.run(ASK);
    (await server.next()).close(4515);

    const next = await server.next();
    next.ready();
    await expect.poll(() => next.ofType("run").length, SOON).toBe(1);
    next.start();
    next.finish(2);

    expect(await run.ended).toEqual({ status: "finished" });
    expect(next.query.has("after")).toBe(false);
    expect(device.kinds()).toEqual(["position-refused"]);
    expect(device.resets).toEqual([{ reason: "position-refused" }]);
  });
});

describe("a server that floods with what is not this client's", () => {
  it("is told five times a line, whatever it sends", async () => {
    await using scene = await openScene();
    const { device, line } = scene;
    line.start();
    for (let i = 0; i < 500; i += 1) line.event(2, {}, { threadId: "bobs" });
    line.finish(2);

    await expect.poll(() => device.events.length, SOON).toBe(2);
    expect(device.incidents).toHaveLength(500);
    expect(await told(line, 5)).toHaveLength(5);
  });
});
