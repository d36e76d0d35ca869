import { describe, expect, it } from "vitest";
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
    await using server = await startServer({ limits: { maxConcurrentRuns: 2 } });
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

describe("a reader that is slow", () => {
  it("is closed and comes too late for nobody else, not even the user's other devices", async () => {
    await using server = await startServer();
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
    await expect.poll(() => server.runtime.health().connections, { timeout: 3000 }).toBe(2);
    slow.socket.resume();
    expect([1006, 4002]).toContain((await slow.closed).code);
    expect(slow.eventsOf("run").length).toBeLessThan(402);
  });
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
