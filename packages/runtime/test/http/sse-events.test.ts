import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createMemoryEventLog } from "../../src/drivers/memory/memory-event-log.ts";
import type { UserContext } from "../../src/context/user-context.ts";
import { ask, inputOf, post, type SseClient } from "./sse-client.ts";
import { startServer } from "./test-server.ts";
import { signToken } from "./test-token.ts";

/** On a busy machine, too. */
const SOON = { timeout: 5000 };

const isReady = (client: SseClient): boolean => client.named("ready") !== undefined;

describe("GET /events", () => {
  it("greets with ready, then brings every event of the user and of nobody else", async () => {
    await using server = await startServer({ heartbeatMs: 1234 });
    const alice = await (await ask(server, "alice", "/events")).until(isReady);
    const bob = await (await ask(server, "bob", "/events")).until(isReady);

    const runs = await Promise.all(
      ["alice", "bob"].map((user) => post(server, user, "echo", inputOf("run"))),
    );
    await Promise.all(runs.map(({ ended }) => ended));
    await alice.ofType("RUN_FINISHED");
    await bob.ofType("RUN_FINISHED");

    const [retry, ready] = alice.blocks;
    expect(retry).toEqual({ retry: "1000" });
    expect(alice.named("ready")).toEqual({
      type: "ready",
      protocolVersion: "1.0",
      connectionId: expect.any(String),
      sessionId: expect.any(String),
      position: ready?.id,
      resume: { status: "live" },
      heartbeatMs: 1234,
      limits: { maxFrameBytes: 1_048_576, maxMessagesPerSecond: 100 },
    });
    expect(alice.events).toEqual(runs[0]?.events);
    expect(bob.events).toEqual(runs[1]?.events);
    expect(alice.text).not.toContain("bob");
    expect(alice.blocks.at(-1)?.id).toBe(alice.events.at(-1)?.metadata?.["position" as never]);
  });

  it("goes on after Last-Event-ID, from `after`, or from the oldest; the header wins", async () => {
    await using server = await startServer();
    const run = await post(server, "alice", "echo", inputOf("run"));
    await run.ended;
    const [first = "", second = ""] = run.blocks.map(({ id }) => id);

    const after = await ask(server, "alice", `/events?after=${first}`);
    const header = await ask(server, "alice", `/events?after=${first}`, {
      headers: { "last-event-id": second },
    });
    const oldest = await ask(server, "alice", "/events?after=oldest");
    const streams = [after, header, oldest];
    await Promise.all(streams.map((stream) => stream.ofType("RUN_FINISHED")));

    expect(streams.map(({ events }) => events)).toEqual([
      run.events.slice(1),
      run.events.slice(2),
      run.events,
    ]);
    for (const stream of streams)
      expect(stream.named("ready")).toMatchObject({ resume: { status: "resumed" } });
    for (const stream of streams) stream.response.destroy();
    const foreign = await ask(server, "bob", "/events", { headers: { "last-event-id": first } });
    expect(foreign.status).toBe(400);
  });

  it("says so when events after the position are gone", async () => {
    const eventLog = createMemoryEventLog({ retention: { maxRecords: 2 } });
    await using server = await startServer({ eventLog });
    const run = await post(server, "alice", "echo", inputOf("run"));
    await run.ended;

    const stream = await ask(server, "alice", `/events?after=${run.blocks[0]?.id}`);
    await stream.ofType("RUN_FINISHED");

    expect(stream.named("ready")).toMatchObject({ resume: { status: "reset", reason: "trimmed" } });
    expect(stream.events).toEqual(run.events.slice(3));
  });

  it("ends with a word why when the sign-in is revoked, and when the proof expires", async () => {
    await using server = await startServer();
    const device = await server.connect("alice");
    const { sessionId } = (await device.ofType("ready")) as unknown as { sessionId: string };
    device.run("echo", "run");
    await device.endOf("run");
    const { user } = server.agents.started[0] as { user: UserContext };
    const revoked = await (
      await ask(server, "alice", `/events?session=${sessionId}`)
    ).until(isReady);
    const exp = Math.floor(Date.now() / 1000) + 1;
    const authorization = `Bearer ${await signToken("alice", { exp })}`;
    const expired = await ask(server, undefined, "/events", { headers: { authorization } });
    await expired.until(isReady);

    await server.runtime.sessions.revoke(user, sessionId);

    expect(await revoked.ended).toBe("whole");
    expect(revoked.named("close")).toEqual({ code: 4512, reason: "session revoked" });
    expect(expired.named("close")).toBeUndefined();
    expect(await expired.ended).toBe("whole");
    expect(expired.named("close")).toEqual({ code: 4514, reason: "token expired" });
  });

  it("counts as a connection of its user, beside sockets, until it closes", async () => {
    await using server = await startServer({ limits: { maxConnectionsPerUser: 2 } });
    await server.connect("alice");
    const stream = await (await ask(server, "alice", "/events")).until(isReady);

    expect(server.runtime.health().connections).toBe(2);
    expect((await ask(server, "alice", "/events")).status).toBe(429);
    expect((await (await server.open("alice")).closed).code).toBe(4510);
    stream.response.destroy();
    await expect.poll(() => server.runtime.health().connections, SOON).toBe(1);

    expect((await ask(server, "alice", "/events")).status).toBe(200);
  });

  it("is let go of when it waits behind another answer on a socket that closes", async () => {
    await using server = await startServer();
    const head = `GET /events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${await signToken("alice")}\r\n\r\n`;
    const socket = connect(server.port, "127.0.0.1");
    socket.write(head + head);
    await expect.poll(() => server.runtime.health().connections, SOON).toBe(2);

    socket.destroy();

    await expect
      .poll(() => server.runtime.health(), SOON)
      .toMatchObject({ connections: 0, users: 0 });
  });
});

describe("GET /runs/:runId/events", () => {
  it("brings one run's events, from the first or after a position, and then 204: there is no more", async () => {
    await using server = await startServer();
    const run = await post(server, "alice", "wait", inputOf("run"));
    await run.ofType("CUSTOM");
    const other = await post(server, "alice", "echo", inputOf("other"));
    await other.ended;

    const whole = await (await ask(server, "alice", "/runs/run/events")).ofType("CUSTOM");
    const rest = await ask(server, "alice", `/runs/run/events?after=${run.blocks[0]?.id}`);
    server.agents.release();
    await Promise.all([run.ended, whole.ended, rest.ended]);

    expect(whole.events).toEqual(run.events);
    expect(rest.events).toEqual(run.events.slice(1));
    expect(whole.named("ready")).toMatchObject({ resume: { status: "resumed" } });
    const headers = { "last-event-id": whole.blocks.at(-1)?.id ?? "" };
    expect((await ask(server, "alice", "/runs/run/events", { headers })).status).toBe(204);
    expect((await ask(server, "bob", "/runs/run/events")).status).toBe(404);
  });
});

describe("a stream that is not read", () => {
  it("delays nobody, costs no more memory than it may, and gets everything when it is read again", async () => {
    const limits = { maxBufferedBytes: 64 * 1024 };
    const eventLog = createMemoryEventLog({ retention: { maxBytes: 64 * 1024 * 1024 } });
    await using server = await startServer({ limits, eventLog });
    const sockets: Socket[] = [];
    server.server.on("connection", (socket) => sockets.push(socket));
    const slow = await pausedStream(server.port, await signToken("alice"));
    await expect.poll(() => server.runtime.health().connections, SOON).toBe(1);

    const quick = await post(server, "alice", "floods", inputOf("flood"));
    expect(await quick.ended).toBe("whole");
    const bob = await post(server, "bob", "echo", inputOf("run"));
    await bob.ended;
    expect(server.runtime.health().connections).toBe(1);
    expect(sockets[0]?.writableLength).toBeGreaterThan(0);
    expect(sockets[0]?.writableLength).toBeLessThan(1024 * 1024);
    slow.socket.resume();
    const hasEnd = (): boolean => slow.text().slice(-1000).includes('"RUN_FINISHED"');
    await expect.poll(hasEnd, { timeout: 10_000 }).toBe(true);

    const seqs = [...slow.text().matchAll(/"runId":"flood","seq":(\d+)/g)].map(([, seq]) =>
      Number(seq),
    );
    expect(seqs).toEqual(Array.from({ length: 402 }, (_, index) => index + 1));
    slow.socket.destroy();
  }, 20_000);

  it("is closed when it takes nothing from one ping to the next", async () => {
    await using server = await startServer({
      heartbeatMs: 200,
      limits: { maxBufferedBytes: 64 * 1024 },
    });
    const slow = await pausedStream(server.port, await signToken("alice"));
    await expect.poll(() => server.runtime.health().connections, SOON).toBe(1);

    await (
      await post(server, "alice", "floods", inputOf("flood"))
    ).ended;

    await expect.poll(() => server.runtime.health().connections, SOON).toBe(0);
    slow.socket.destroy();
  }, 10_000);
});

/** A reader of `/events` that takes nothing, and has little room in between. */
async function pausedStream(
  port: number,
  token: string,
): Promise<{ readonly socket: Socket; readonly text: () => string }> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.pause();
  socket.write(`GET /events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`);
  return { socket, text: () => text };
}
