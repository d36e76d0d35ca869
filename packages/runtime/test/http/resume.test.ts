import { describe, expect, it } from "vitest";
import { createMemoryEventLog } from "../../src/drivers/memory/memory-event-log.ts";
import { FaultyEventLog } from "../event-log/faulty-event-log.ts";
import type { Frame, TestClient } from "./test-client.ts";
import { startServer } from "./test-server.ts";

function positions(client: TestClient): readonly unknown[] {
  return client.frames.filter(({ metadata }) => metadata).map((frame) => positionOf(frame));
}

function positionOf({ metadata }: Frame): string {
  return (metadata as unknown as { readonly position: string }).position;
}

const after = (position: unknown): string => `/ws?after=${encodeURIComponent(String(position))}`;

describe("who comes back", () => {
  it("gets everything after the last event it had: no gap, no duplicate, in order", async () => {
    await using server = await startServer();
    const [gone, stays] = [await server.connect("alice"), await server.connect("alice")];
    gone.run("echo", "1");
    await Promise.all([gone.endOf("1"), stays.endOf("1")]);
    const had = positions(gone);
    gone.socket.terminate();
    for (const run of ["2", "3"]) stays.run("echo", run);
    await Promise.all([stays.endOf("2"), stays.endOf("3")]);

    const back = await server.connect("alice", after(had.at(-1)));
    stays.run("echo", "4");
    await Promise.all([back.endOf("4"), stays.endOf("4")]);

    expect(back.frames[0]).toMatchObject({ resume: { status: "resumed" }, position: had.at(-1) });
    expect([...had, ...positions(back)]).toEqual(positions(stays));
    expect(new Set(positions(stays)).size).toBe(4 * 5);
  });

  it("from any event gets exactly the rest", async () => {
    await using server = await startServer();
    const alice = await server.connect("alice");
    alice.run("echo", "run");
    await alice.endOf("run");
    const all = positions(alice);

    for (const [index, position] of all.entries()) {
      await using back = await server.connect("alice", after(position));
      await back.fence();
      await expect.poll(() => positions(back)).toEqual(all.slice(index + 1));
    }
  });

  it("having had no event yet, does so from its ready frame, or from the oldest, or hears what is new", async () => {
    await using server = await startServer();
    const early = await server.connect("alice");
    const [ready] = early.frames;
    early.run("echo", "run");
    await early.endOf("run");
    const all = positions(early);

    await using fromReady = await server.connect("alice", after(ready?.["position"]));
    await using oldest = await server.connect("alice", "/ws?after=oldest");
    await using fresh = await server.connect("alice");
    await Promise.all([fromReady.endOf("run"), oldest.endOf("run")]);
    await fresh.fence();

    expect(positions(fromReady)).toEqual(all);
    expect(positions(oldest)).toEqual(all);
    expect(oldest.frames[0]).toMatchObject({ resume: { status: "resumed" } });
    expect(positions(fresh)).toEqual([]);
    expect(fresh.frames[0]).toMatchObject({ resume: { status: "live" }, position: all.at(-1) });
  });

  it("with a position that is another user's, forged or no position at all, is closed 4515 and gets nothing", async () => {
    await using server = await startServer();
    const [alice, bob] = [await server.connect("alice"), await server.connect("bob")];
    for (const client of [alice, bob]) client.run("echo", "run");
    await Promise.all([alice.endOf("run"), bob.endOf("run")]);
    const [own] = positions(alice);
    const [foreign] = positions(bob);
    const [epoch, , mac] = String(own).split(".");

    const refused = [
      foreign,
      `${epoch}.2.${mac}`,
      `${epoch}.999.${mac}`,
      "0",
      "🙂",
      "x".repeat(5000),
    ];
    for (const position of refused) {
      await using thief = await server.open("alice", after(position));
      expect(await thief.closed).toEqual({ code: 4515, reason: "cursor refused" });
      expect(thief.frames).toEqual([]);
    }
    await using welcome = await server.connect("alice", after(own));

    expect(await welcome.endOf("run")).toBeDefined();
  });

  it("too late is told that events are missing, and gets what is kept", async () => {
    await using eventLog = createMemoryEventLog({ retention: { maxRecords: 7 } });
    await using server = await startServer({ eventLog });
    const alice = await server.connect("alice");
    alice.run("echo", "1");
    await alice.endOf("1");
    const [first] = positions(alice);
    alice.run("echo", "2");
    await alice.endOf("2");

    await using late = await server.connect("alice", after(first));
    await late.endOf("2");

    expect(late.frames[0]).toMatchObject({ resume: { status: "reset", reason: "trimmed" } });
    expect(positions(late)).toEqual(positions(alice).slice(-7));
  });

  it("to a log that was erased is told that it is a new one", async () => {
    await using eventLog = createMemoryEventLog();
    await using server = await startServer({ eventLog });
    const alice = await server.connect("alice");
    alice.run("echo", "1");
    await alice.endOf("1");
    const position = positions(alice).at(-1);
    const user = server.agents.started[0]?.user;
    alice.socket.terminate();
    await expect.poll(() => server.runtime.health().users).toBe(0);
    if (user !== undefined) await eventLog.erase(user);

    await using back = await server.connect("alice", after(position));

    expect(back.frames[0]).toMatchObject({ resume: { status: "reset", reason: "new-log" } });
  });
});

describe("a run", () => {
  it("is never started twice, though its user was away and the server has let go of the user", async () => {
    await using server = await startServer();
    await using alice = await server.connect("alice");
    alice.run("echo", "run");
    await alice.endOf("run");
    alice.socket.terminate();
    await expect.poll(() => server.runtime.health().users).toBe(0);

    await using again = await server.connect("alice");
    again.run("echo", "run");
    again.run("echo", "run", "other thread");
    again.run("echo", "another");
    await again.endOf("another");

    expect(await again.ofType("error")).toMatchObject({ code: "RUN_CONFLICT", runId: "run" });
    expect(again.eventsOf("run")).toEqual([]);
    expect(server.agents.started.map(({ runId }) => runId)).toEqual(["run", "another"]);
  });

  it("whose server went away ends as died, in order, for its owner alone", async () => {
    await using eventLog = createMemoryEventLog();
    const alice = await startServer({ eventLog }).then(async (crashed) => {
      const client = await crashed.connect("alice");
      client.run("wait", "run");
      await client.ofType("CUSTOM");
      return client;
    });
    const position = positions(alice).at(-1);

    await using server = await startServer({ eventLog });
    await using bob = await server.connect("bob", "/ws?after=oldest");
    await using back = await server.connect("alice", after(position));

    expect(await back.endOf("run")).toMatchObject({
      type: "RUN_ERROR",
      code: "AGENT_DIED",
      message: 'Agent "wait" died: its server went away.',
      metadata: { runId: "run", threadId: "thread-1", seq: 3 },
    });
    await bob.fence();
    expect(back.eventsOf("run")).toHaveLength(1);
    expect(bob.eventsOf("run")).toEqual([]);
    await alice[Symbol.asyncDispose]();
  });
});

describe("a log that fails", () => {
  it("closes its user's sockets 4005 and no other user's; when it works again nothing told is lost", async () => {
    const log = new FaultyEventLog(createMemoryEventLog());
    await using server = await startServer({ eventLog: log });
    const alice = await server.connect("alice");
    alice.run("wait", "run");
    await alice.ofType("CUSTOM");
    const position = positions(alice).at(-1);
    log.appendFailure = new Error("ENOSPC: no space left on device");
    server.agents.release();

    expect(await alice.closed).toEqual({ code: 4005, reason: "the event log is unavailable" });
    log.appendFailure = undefined;
    await using bob = await server.connect("bob");
    bob.run("echo", "run");
    await bob.endOf("run");
    await expect.poll(() => server.runtime.health().users).toBe(1);
    await using back = await server.connect("alice", after(position));

    expect(await back.endOf("run")).toMatchObject({ code: "AGENT_DIED", metadata: { seq: 3 } });
    expect(server.told.map(({ stage }) => stage)).toContain("event-log");
  });

  it("that can't be opened turns its user away with 4005, who comes in once it can", async () => {
    const log = new FaultyEventLog(createMemoryEventLog());
    await using server = await startServer({ eventLog: log });
    log.openFailure = new Error("EIO");

    expect((await (await server.open("alice")).closed).code).toBe(4005);
    log.openFailure = undefined;
    await expect.poll(() => server.runtime.health().users).toBe(0);

    await using alice = await server.connect("alice");
    alice.run("echo", "run");
    expect(await alice.endOf("run")).toMatchObject({ outcome: { type: "success" } });
  });
});

describe("closing", () => {
  it("lets runs end by themselves within the time given, and tells their ends before it says goodbye", async () => {
    const server = await startServer();
    const alice = await server.connect("alice");
    alice.run("wait", "run");
    await alice.ofType("CUSTOM");

    const closing = server.runtime.close({ drainMs: 5000 });
    await expect.poll(() => server.runtime.health().status).toBe("closing");
    server.agents.release();
    await closing;

    expect(await alice.endOf("run")).toMatchObject({ outcome: { type: "success" } });
    expect((await alice.closed).code).toBe(1001);
    await server[Symbol.asyncDispose]();
  });

  it("ends those that take longer as cancelled", async () => {
    const server = await startServer();
    const alice = await server.connect("alice");
    alice.run("hangs", "run");
    await alice.ofType("CUSTOM");

    await server.runtime.close({ drainMs: 50 });

    expect(await alice.endOf("run")).toMatchObject({ outcome: { type: "cancelled" } });
    expect((await alice.closed).code).toBe(1001);
    await server[Symbol.asyncDispose]();
  });
});
