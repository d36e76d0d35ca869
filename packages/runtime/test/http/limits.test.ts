import { describe, expect, it } from "vitest";
import { createMemoryEventLog } from "../../src/drivers/memory/memory-event-log.ts";
import type { Frame } from "./test-client.ts";
import { startServer } from "./test-server.ts";

describe("connections of one user", () => {
  it("are limited at n−1, n and n+1, released on close, and nobody else's business", async () => {
    await using server = await startServer({ limits: { maxConnectionsPerUser: 2 } });
    const first = await server.connect("alice");
    await server.connect("alice");

    const third = await server.open("alice");
    expect(await third.closed).toEqual({ code: 4510, reason: "too many connections of this user" });
    expect(third.frames).toEqual([]);
    expect(await server.connect("bob")).toBeDefined();
    first.socket.close();
    await first.closed;
    await expect.poll(() => server.runtime.health().connections).toBe(2);

    expect(await server.connect("alice")).toBeDefined();
    expect((await (await server.open("alice")).closed).code).toBe(4510);
  });

  it("that are refused leave no session behind", async () => {
    await using server = await startServer({ limits: { maxConnectionsPerUser: 1 } });
    const ended: unknown[] = [];
    server.runtime.sessions.onEnded((session) => ended.push(session));
    const alice = await server.connect("alice");

    for (let i = 0; i < 25; i += 1) await (await server.open("alice")).closed;

    await alice.fence();
    expect(ended).toEqual([]);
  });
});

describe("connections in all", () => {
  it("are limited at n−1, n and n+1, and released on close", async () => {
    await using server = await startServer({ limits: { maxConnections: 2 } });
    const first = await server.connect("alice");
    await server.connect("bob");

    const third = await server.open("carol");
    expect(await third.closed).toEqual({ code: 4004, reason: "the server is full" });
    first.socket.close();
    await first.closed;
    await expect.poll(() => server.runtime.health().connections).toBe(1);

    expect(await server.connect("carol")).toBeDefined();
    expect((await (await server.open("dave")).closed).code).toBe(4004);
  });

  it("are not used up by sockets that were turned away and linger", async () => {
    await using server = await startServer({
      limits: { maxConnections: 2, maxConnectionsPerUser: 1 },
    });
    await server.connect("alice");
    const lingering = [await server.open("alice"), await server.open("alice")];
    for (const { socket } of lingering) socket.pause();

    expect(await server.connect("bob")).toBeDefined();
    for (const { socket } of lingering) socket.resume();
  });
});

describe("a frame", () => {
  it("of the largest size is answered, one byte more closes 1009", async () => {
    await using server = await startServer({ limits: { maxFrameBytes: 200 } });
    const alice = await server.connect("alice");
    const bob = await server.connect("bob");
    const frame = (size: number) => '{"type":"ping","id":"1"}'.padEnd(size, " ");

    for (const size of [199, 200]) alice.socket.send(frame(size));
    await expect.poll(() => alice.frames.filter((f) => f.type === "pong").length).toBe(2);
    alice.socket.send(frame(201));

    expect((await alice.closed).code).toBe(1009);
    await bob.fence();
    await expect.poll(() => server.runtime.health()).toMatchObject({ users: 1, connections: 1 });
  });

  it("that is binary closes 1003, whatever it holds", async () => {
    await using server = await startServer();
    const [alice, bob] = [await server.connect("alice"), await server.connect("bob")];

    alice.socket.send(Buffer.from('{"type":"ping"}'));

    expect(await alice.closed).toEqual({ code: 1003, reason: "binary frames are not understood" });
    expect(alice.frames).toHaveLength(1);
    await bob.fence();
  });
});

describe("frames a second", () => {
  it("are limited at n−1, n and n+1 for each socket alone", async () => {
    await using server = await startServer({ limits: { maxMessagesPerSecond: 5 } });
    const [alice, desk] = [await server.connect("alice"), await server.connect("alice")];

    for (let i = 0; i < 5; i += 1) alice.send({ type: "ping" });
    await expect.poll(() => alice.frames.filter((f) => f.type === "pong").length).toBe(5);
    // Twice as many at once: whenever the second turned over, one half of them is too many.
    for (let i = 0; i < 12; i += 1) alice.send({ type: "ping" });

    expect(await alice.closed).toEqual({ code: 4003, reason: "too many messages a second" });
    await desk.fence();
  });

  it("count pings of the protocol itself too", async () => {
    await using server = await startServer({ limits: { maxMessagesPerSecond: 5 } });
    const alice = await server.connect("alice");

    for (let i = 0; i < 12; i += 1) alice.socket.ping();

    expect((await alice.closed).code).toBe(4003);
  });
});

describe("bad frames in a row", () => {
  it("are answered nine times and close 4500 at the tenth, a good one in between forgiving all", async () => {
    await using server = await startServer();
    const alice = await server.connect("alice");
    const errors = () => alice.frames.filter(({ type }) => type === "error").length;

    for (let i = 0; i < 9; i += 1) alice.socket.send("canary");
    await alice.fence();
    expect(errors()).toBe(9);
    for (let i = 0; i < 10; i += 1) alice.send({ type: i % 2 === 0 ? "canary" : 7 });

    expect(await alice.closed).toEqual({ code: 4500, reason: "too many invalid frames" });
    expect(errors()).toBe(19);
    expect(JSON.stringify(alice.frames)).not.toContain("canary");
  });
});

describe("runs of one user", () => {
  it("are limited at n−1, n and n+1, and one that ends makes room", async () => {
    await using server = await startServer({ limits: { maxConcurrentRuns: 2, maxQueuedRuns: 0 } });
    const [alice, bob] = [await server.connect("alice"), await server.connect("bob")];
    for (const runId of ["1", "2", "3"]) alice.run("wait", runId);

    expect(await alice.ofType("error")).toMatchObject({
      code: "TOO_MANY_RUNS",
      retryable: true,
      runId: "3",
    });
    bob.run("echo", "3");
    await bob.endOf("3");
    alice.cancel("1");
    await alice.endOf("1");
    alice.run("echo", "3");

    expect(await alice.endOf("3")).toMatchObject({ outcome: { type: "success" } });
  });
});

describe("runs beyond those that may go on at once", () => {
  it("wait for their turn, are told their place, and are refused beyond those that may wait", async () => {
    await using server = await startServer({ limits: { maxConcurrentRuns: 1, maxQueuedRuns: 1 } });
    const [alice, bob] = [await server.connect("alice"), await server.connect("bob")];
    for (const runId of ["1", "2", "3"]) alice.run("wait", runId);

    expect(await alice.ofType("error")).toMatchObject({ code: "TOO_MANY_RUNS", runId: "3" });
    const isPlace = (frame: Frame): boolean => frame["name"] === "watertight.queued";
    const place = await alice.first(isPlace);
    expect(place).toMatchObject({
      value: { position: 1, of: 1 },
      metadata: { runId: "2", seq: 2 },
    });
    bob.run("echo", "1");
    await bob.endOf("1");
    expect(server.agents.started.map(({ user, runId }) => [user.userId, runId])).toEqual([
      ["alice", "1"],
      ["bob", "1"],
    ]);
    server.agents.release();

    for (const run of ["1", "2"]) {
      expect(await alice.endOf(run)).toMatchObject({ outcome: { type: "success" } });
    }
    expect(bob.frames.some(isPlace)).toBe(false);
  });
});

describe("a reader that is slow", () => {
  it("keeps nobody waiting, and gets everything, once and in order, when it reads again", async () => {
    await using eventLog = createMemoryEventLog({ retention: { maxBytes: 64 * 1024 * 1024 } });
    await using server = await startServer({ heartbeatMs: 5000, eventLog });
    const [slow, fast, bob] = [
      await server.connect("alice"),
      await server.connect("alice"),
      await server.connect("bob"),
    ];
    slow.socket.pause();

    fast.run("floods", "run");
    bob.run("echo", "run");

    expect(await bob.endOf("run")).toBeDefined();
    expect(await fast.endOf("run")).toMatchObject({ outcome: { type: "success" } });
    expect(fast.eventsOf("run")).toHaveLength(402);
    expect(slow.eventsOf("run").length).toBeLessThan(402);
    slow.socket.resume();
    await slow.endOf("run");

    expect(slow.eventsOf("run")).toEqual(fast.eventsOf("run"));
    expect(server.runtime.health().connections).toBe(3);
  }, 30_000);

  it("that takes nothing any more is closed at the second ping, so that it can come back", async () => {
    await using server = await startServer({ heartbeatMs: 300 });
    const [stuck, fast] = [await server.connect("alice"), await server.connect("alice")];
    stuck.socket.pause();

    fast.run("floods", "run");
    await fast.endOf("run");

    await expect.poll(() => server.runtime.health().connections, { timeout: 3000 }).toBe(1);
    stuck.socket.resume();
    expect([1006, 4002]).toContain((await stuck.closed).code);
    expect(stuck.eventsOf("run").length).toBeLessThan(402);
  }, 30_000);
});

describe("a device", () => {
  it("that answers no ping is closed 4001, while those that do stay, whoever's they are", async () => {
    await using server = await startServer({ heartbeatMs: 100 });
    const dead = await server.connect("alice", "/ws", { autoPong: false });
    const [desk, bob] = [await server.connect("alice"), await server.connect("bob")];

    expect(await dead.closed).toEqual({ code: 4001, reason: "heartbeat missed" });
    for (const device of [desk, bob]) await device.fence();

    expect(await desk.ofType("ready")).toMatchObject({ heartbeatMs: 100 });
    await expect.poll(() => server.runtime.health().connections).toBe(2);
  });
});
