import { describe, expect, it } from "vitest";
import { createUserContext } from "../../src/context/user-context.ts";
import type { TestClient } from "./test-client.ts";
import { startServer } from "./test-server.ts";
import { signToken } from "./test-token.ts";

const alice = createUserContext({ userId: "alice" });

async function sessionOf(client: TestClient): Promise<string> {
  return String((await client.ofType("ready"))["sessionId"]);
}

describe("a session on live sockets", () => {
  it("that is revoked closes its sockets 4512 and no others", async () => {
    await using server = await startServer();
    const first = await server.connect("alice");
    const sessionId = await sessionOf(first);
    const second = await server.connect("alice", `/ws?session=${sessionId}`);
    const other = await server.connect("alice");
    const bob = await server.connect("bob");

    expect(await server.runtime.sessions.revoke(alice, sessionId)).toBe(true);

    for (const client of [first, second]) {
      expect(await client.closed).toEqual({ code: 4512, reason: "session revoked" });
    }
    for (const client of [other, bob]) await client.fence();
    expect((await (await server.open("alice", `/ws?session=${sessionId}`)).closed).code).toBe(4511);
  });

  it("that is revoked ends its runs as cancelled, and the user's other devices hear of it", async () => {
    await using server = await startServer();
    const [lost, desk, bob] = [
      await server.connect("alice"),
      await server.connect("alice"),
      await server.connect("bob"),
    ];
    lost.run("wait", "lost");
    desk.run("wait", "desk");
    bob.run("wait", "lost");
    await bob.ofType("CUSTOM");
    await desk.first(({ type, metadata }) => type === "CUSTOM" && metadata?.runId === "desk");

    await server.runtime.sessions.revoke(alice, await sessionOf(lost));

    expect(await desk.endOf("lost")).toMatchObject({ outcome: { type: "cancelled" } });
    expect((await lost.closed).code).toBe(4512);
    server.agents.release();
    expect(await desk.endOf("desk")).toMatchObject({ outcome: { type: "success" } });
    expect(await bob.endOf("lost")).toMatchObject({ outcome: { type: "success" } });
    expect(lost.frames.every(({ type }) => type !== "RUN_FINISHED")).toBe(true);
  });

  it("ends with the token that opened it, 4514, and the session can be resumed with a new one", async () => {
    await using server = await startServer();
    const exp = Math.floor(Date.now() / 1000) + 2;
    const headers = { authorization: `Bearer ${await signToken("alice", { exp })}` };
    const alice = await server.connect("alice", "/ws", { headers });
    const [lasting, bob] = [await server.connect("alice"), await server.connect("bob")];
    alice.run("wait", "run");

    expect(await alice.closed).toEqual({ code: 4514, reason: "token expired" });
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
    for (const client of [lasting, bob]) await client.fence();
    const again = await server.connect("alice", `/ws?session=${await sessionOf(alice)}`);
    server.agents.release();
    expect(await again.endOf("run")).toMatchObject({ outcome: { type: "success" } });
  });

  it("that expires closes its sockets 4513", async () => {
    let now = 0;
    await using server = await startServer({ sessions: { maxAgeMs: 1000, now: () => now } });
    const old = await server.connect("alice");
    now = 500;
    const young = await server.connect("alice");

    now = 1000;
    await server.runtime.sessions.expire();

    expect(await old.closed).toEqual({ code: 4513, reason: "session expired" });
    await young.fence();
  });

  it("is not idle while a socket or a run lives in it", async () => {
    let now = 0;
    await using server = await startServer({ sessions: { idleMs: 100, now: () => now } });
    const client = await server.connect("alice");
    const sessionId = await sessionOf(client);
    now = 10_000;
    await server.runtime.sessions.expire();
    client.run("wait", "run");
    await client.ofType("CUSTOM");
    client.socket.terminate();
    await expect.poll(() => server.runtime.health().connections).toBe(0);
    now = 20_000;
    await server.runtime.sessions.expire();

    const back = await server.connect("alice", `/ws?session=${sessionId}`);
    server.agents.release();
    expect(await back.endOf("run")).toMatchObject({ outcome: { type: "success" } });
    back.socket.terminate();
    await expect.poll(() => server.runtime.health().users).toBe(0);
    now = 30_000;

    expect(await server.runtime.sessions.get(alice, sessionId)).toBeUndefined();
  });

  it("one too many replaces the user's idlest, not one that somebody sits at", async () => {
    await using server = await startServer({ sessions: { maxSessionsPerUser: 2 } });
    const stays = await server.connect("alice");
    const leaves = await server.connect("alice");
    const idle = await sessionOf(leaves);
    leaves.socket.close();
    await expect.poll(() => server.runtime.health().connections).toBe(1);

    await server.connect("alice");
    await stays.fence();
    expect(await server.runtime.sessions.get(alice, idle)).toBeUndefined();
    await server.connect("alice");

    expect(await stays.closed).toEqual({ code: 4512, reason: "session revoked" });
  });

  it("ends on all sockets though somebody else who listens throws", async () => {
    await using server = await startServer();
    server.runtime.sessions.onEnded(() => {
      throw new Error("a listener");
    });
    const client = await server.connect("alice");

    await server.runtime.sessions.revoke(alice, await sessionOf(client));

    expect((await client.closed).code).toBe(4512);
    expect(server.told).toMatchObject([{ stage: "observer" }]);
  });
});
