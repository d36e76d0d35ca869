import { describe, expect, it } from "vitest";
import {
  createWebSocketManager,
  type WebSocketManager,
} from "../../src/connection/web-socket-manager.ts";
import { createUserContext } from "../../src/context/user-context.ts";
import type { TestClient } from "../http/test-client.ts";
import { openYard, type SocketYard } from "./socket-pair.ts";

const alice = createUserContext({ userId: "alice" });
const bob = createUserContext({ userId: "bob" });
const frame = (text: string) => JSON.stringify({ type: text });

/** Gives the manager one more device of its user. */
async function connect(
  yard: SocketYard,
  manager: WebSocketManager,
  sessionId = "session",
): Promise<{ client: TestClient; id: string }> {
  const { server, client } = await yard.open();
  return { client, id: manager.connect(server, { user: manager.user, sessionId }).id };
}

describe("a manager", () => {
  it("refuses a socket of another user, and takes one of its own", async () => {
    await using yard = await openYard();
    await using manager = createWebSocketManager(alice);
    const { server } = await yard.open();
    const fake = Object.assign(Object.create(null), alice) as typeof alice;

    expect(() => manager.connect(server, { user: bob, sessionId: "s" })).toThrow(
      expect.objectContaining({ code: "WT_OWNER_MISMATCH" }),
    );
    expect(() => manager.connect(server, { user: fake, sessionId: "s" })).toThrow(
      expect.objectContaining({ code: "WT_CONTEXT_FORGED" }),
    );
    expect(manager.connections).toEqual([]);
    expect(manager.connect(server, { user: alice, sessionId: "s" }).state).toBe("ready");
  });

  it("refuses a frame of another user, and nobody gets it", async () => {
    await using yard = await openYard();
    await using manager = createWebSocketManager(alice);
    const { client } = await connect(yard, manager);

    expect(() => manager.send(bob, frame("FOREIGN"))).toThrow(
      expect.objectContaining({ code: "WT_OWNER_MISMATCH" }),
    );
    manager.send(alice, frame("OWN"));
    await client.ofType("OWN");

    expect(client.frames).toEqual([{ type: "OWN" }]);
  });

  it("sends to every device of its user, and to no device of another's", async () => {
    await using yard = await openYard();
    await using manager = createWebSocketManager(alice);
    await using others = createWebSocketManager(bob);
    const devices = [await connect(yard, manager), await connect(yard, manager)];
    const foreign = await connect(yard, others);

    expect(manager.send(alice, frame("A"))).toEqual({ status: "delivered", connections: 2 });
    expect(others.send(bob, frame("B"))).toEqual({ status: "delivered", connections: 1 });

    for (const { client } of devices) expect(await client.ofType("A")).toBeDefined();
    await foreign.client.ofType("B");
    expect(foreign.client.frames).toEqual([{ type: "B" }]);
  });

  it("never calls a frame delivered that went to nobody", async () => {
    await using yard = await openYard();
    await using manager = createWebSocketManager(alice);
    const nobody = { status: "refused", reason: "no-connection" };

    expect(manager.send(alice, frame("A"))).toEqual(nobody);
    const { client, id } = await connect(yard, manager);
    manager.disconnect(id);
    expect(manager.send(alice, frame("B"))).toEqual(nobody);

    expect(await client.closed).toEqual({ code: 1000, reason: "bye" });
    expect(client.frames).toEqual([]);
  });

  it("shares nothing with another manager of the same user", async () => {
    await using yard = await openYard();
    await using one = createWebSocketManager(alice);
    await using other = createWebSocketManager(createUserContext({ userId: "alice" }));
    await connect(yard, one);

    expect(one.connections).toHaveLength(1);
    expect(other.connections).toEqual([]);
    expect(other.send(alice, frame("A"))).toMatchObject({ status: "refused" });
  });
});

describe("a manager's limit", () => {
  it("holds at n−1, n and n+1, and is released by a close from either side", async () => {
    await using yard = await openYard();
    await using manager = createWebSocketManager(alice, { maxConnections: 2 });
    const first = await connect(yard, manager);
    expect(manager.hasRoom).toBe(true);
    const second = await connect(yard, manager);
    expect(manager.hasRoom).toBe(false);
    const limit = expect.objectContaining({ code: "WT_CONNECTION_LIMIT" });

    await expect(connect(yard, manager)).rejects.toThrow(limit);
    first.client.socket.close();
    await expect.poll(() => manager.connections.length).toBe(1);
    await connect(yard, manager);
    await expect(connect(yard, manager)).rejects.toThrow(limit);
    manager.disconnect(second.id);
    await expect.poll(() => manager.connections.length).toBe(1);

    expect(await connect(yard, manager)).toBeDefined();
  });

  it("is released by a socket that is cut", async () => {
    await using yard = await openYard();
    await using manager = createWebSocketManager(alice, { maxConnections: 1 });
    const { client } = await connect(yard, manager);

    client.socket.terminate();

    await expect.poll(() => manager.hasRoom).toBe(true);
    expect(await connect(yard, manager)).toBeDefined();
  });

  it("is not held by a socket that had closed before it was taken", async () => {
    await using yard = await openYard();
    await using manager = createWebSocketManager(alice, { maxConnections: 1 });
    const { server, client } = await yard.open();
    client.socket.terminate();
    await expect.poll(() => server.readyState).toBe(server.CLOSED);

    const connection = manager.connect(server, { user: alice, sessionId: "s" });
    await connection.closed;

    expect(manager.connections).toEqual([]);
    expect(connection.state).toBe("closed");
  });
});

describe("disconnecting", () => {
  it("ends exactly that connection, with the reason given", async () => {
    await using yard = await openYard();
    await using manager = createWebSocketManager(alice);
    const [gone, stays] = [await connect(yard, manager), await connect(yard, manager)];

    expect(manager.disconnect("unknown")).toBe(false);
    expect(manager.disconnect(gone.id, { code: 4999, reason: "why" })).toBe(true);
    manager.send(alice, frame("A"));
    await stays.client.ofType("A");

    expect(await gone.client.closed).toEqual({ code: 4999, reason: "why" });
    expect(gone.client.frames).toEqual([]);
  });

  it("a session ends its connections and no others", async () => {
    await using yard = await openYard();
    await using manager = createWebSocketManager(alice);
    const gone = [await connect(yard, manager, "one"), await connect(yard, manager, "one")];
    const stays = await connect(yard, manager, "two");

    expect(manager.disconnectSession("one")).toBe(2);
    for (const { client } of gone) expect((await client.closed).code).toBe(4512);
    manager.send(alice, frame("A"));

    expect(await stays.client.ofType("A")).toBeDefined();
  });
});

describe("a disposed manager", () => {
  it("has said goodbye to all, takes nobody and sends nothing", async () => {
    await using yard = await openYard();
    const manager = createWebSocketManager(alice);
    const { client } = await connect(yard, manager);

    await Promise.all([manager.dispose(), manager.dispose(), manager[Symbol.asyncDispose]()]);

    expect(await client.closed).toEqual({ code: 1001, reason: "the server shuts down" });
    expect(manager.connections).toEqual([]);
    expect(manager.hasRoom).toBe(false);
    expect(manager.send(alice, frame("A"))).toEqual({ status: "refused", reason: "disposed" });
    await expect(connect(yard, manager)).rejects.toThrow(
      expect.objectContaining({ code: "WT_SCOPE_DISPOSED" }),
    );
  });

  it("is disposed though a socket is dead and never says goodbye, also from a callback", async () => {
    await using yard = await openYard();
    const manager = createWebSocketManager(alice);
    const dead = await connect(yard, manager);
    dead.client.socket.pause();
    const { server, client } = await yard.open();
    manager.connect(server, { user: alice, sessionId: "s" });
    const disposal = new Promise<void>((resolve) => {
      server.once("message", () => resolve(manager.dispose()));
    });

    client.send({});
    await disposal;

    expect(manager.connections).toEqual([]);
    expect((await client.closed).code).toBe(1001);
    dead.client.socket.resume();
  });
});

describe("the manager's options", () => {
  it.each([
    { maxConnections: 0 },
    { maxBufferedBytes: 1.5 },
    { heartbeatMs: 2 ** 31 },
    { createId: "id" },
  ])("refuse %j", (options) => {
    expect(() => createWebSocketManager(alice, options as never)).toThrow(Object.keys(options)[0]);
    expect(createWebSocketManager(alice).user).toBe(alice);
  });
});
