import { describe, expect, it } from "vitest";
import { createWebSocketManager } from "../../src/connection/web-socket-manager.ts";
import { createUserContext } from "../../src/context/user-context.ts";
import { openYard } from "./socket-pair.ts";

const alice = createUserContext({ userId: "alice" });
const as = { user: alice, sessionId: "s" };

describe("a heartbeat", () => {
  it("really pings: who never answers is closed 4001, who does stays", async () => {
    await using yard = await openYard();
    await using manager = createWebSocketManager(alice, { heartbeatMs: 50 });
    const dead = await yard.open({ autoPong: false });
    const living = await yard.open();
    let pings = 0;
    living.client.socket.on("ping", () => (pings += 1));
    for (const { server } of [dead, living]) manager.connect(server, as);

    expect(await dead.client.closed).toEqual({ code: 4001, reason: "heartbeat missed" });
    await expect.poll(() => pings).toBeGreaterThan(3);

    expect(manager.connections.map(({ state }) => state)).toEqual(["ready"]);
    expect(living.client.socket.readyState).toBe(living.client.socket.OPEN);
  });

  it("takes any sign of life for an answer", async () => {
    await using yard = await openYard();
    await using manager = createWebSocketManager(alice, { heartbeatMs: 50 });
    const { server, client } = await yard.open({ autoPong: false });
    let pings = 0;
    client.socket.on("ping", () => {
      pings += 1;
      if (pings <= 4) client.send({});
    });
    manager.connect(server, as);

    expect((await client.closed).code).toBe(4001);
    expect(pings).toBe(5);
  });

  it("cuts a peer that does not even answer the goodbye", async () => {
    await using yard = await openYard();
    await using manager = createWebSocketManager(alice, { heartbeatMs: 20 });
    const { server, client } = await yard.open({ autoPong: false });
    client.socket.pause();

    await manager.connect(server, as).closed;

    expect(manager.connections).toEqual([]);
    expect(server.readyState).toBe(server.CLOSED);
  });
});

describe("a slow reader", () => {
  it("is closed 4002, keeps nobody waiting, and is not called delivered", async () => {
    await using yard = await openYard();
    await using manager = createWebSocketManager(alice, { maxBufferedBytes: 1024 * 1024 });
    const slow = await yard.open();
    const fast = await yard.open();
    const connection = manager.connect(slow.server, as);
    slow.client.socket.pause();
    const big = JSON.stringify({ type: "BIG", text: "x".repeat(256 * 1024) });

    let rounds = 0;
    let result = manager.send(alice, big);
    while (result.status === "delivered" && rounds < 1000) {
      rounds += 1;
      await new Promise(setImmediate);
      result = manager.send(alice, big);
    }
    expect(result).toEqual({ status: "refused", reason: "slow-reader" });
    expect(connection.state).toBe("closing");
    manager.connect(fast.server, as);
    expect(manager.send(alice, big)).toEqual({ status: "delivered", connections: 1 });
    await fast.client.ofType("BIG");
    slow.client.socket.resume();

    expect(await slow.client.closed).toEqual({ code: 4002, reason: "reads too slowly" });
    expect(slow.client.frames.length).toBe(rounds);
  });

  it("that only talks and never reads is closed too (its answers once piled up)", async () => {
    await using yard = await openYard();
    await using manager = createWebSocketManager(alice, { maxBufferedBytes: 1 });
    const { server, client } = await yard.open();
    const connection = manager.connect(server, as);
    client.socket.pause();
    const big = JSON.stringify({ type: "BIG", text: "x".repeat(1024 * 1024) });

    let writes = 0;
    while (connection.write(big) && writes < 1000) {
      writes += 1;
      await new Promise(setImmediate);
    }

    expect(connection.state).toBe("closing");
    expect(connection.write("more")).toBe(false);
    client.socket.resume();
    expect((await client.closed).code).toBe(4002);
  });
});

describe("a connection", () => {
  it("survives nonsense on the socket without ending the process (an error went unheard)", async () => {
    await using yard = await openYard();
    await using manager = createWebSocketManager(alice);
    const broken = await yard.open();
    const whole = await yard.open();
    const connection = manager.connect(broken.server, as);
    manager.connect(whole.server, as);

    // A frame with reserved bits set, past the client's own library.
    const { _socket: raw } = broken.client.socket as unknown as {
      _socket: { write(data: Buffer): void };
    };
    raw.write(Buffer.from([0xff, 0x80, 0, 0, 0, 0]));
    await connection.closed;

    expect((await broken.client.closed).code).toBe(1002);
    expect(manager.send(alice, '{"type":"A"}')).toEqual({ status: "delivered", connections: 1 });
    expect(await whole.client.ofType("A")).toBeDefined();
  });

  it("is closed once, for the first reason", async () => {
    await using yard = await openYard();
    await using manager = createWebSocketManager(alice);
    const { server, client } = await yard.open();
    const connection = manager.connect(server, as);

    connection.close({ code: 4900, reason: "first" });
    connection.close({ code: 4901, reason: "second" });

    expect(await client.closed).toEqual({ code: 4900, reason: "first" });
    await connection.closed;
    expect(connection.state).toBe("closed");
    expect(connection.write("x")).toBe(false);
  });
});
