import { describe, expect, it } from "vitest";
import type { Frame } from "./test-client.ts";
import { startServer } from "./test-server.ts";
import { signToken } from "./test-token.ts";

const saidIn = (frames: readonly Frame[]) =>
  frames.filter(({ type }) => type === "CUSTOM").map(({ value }) => value);
const placeless = (frame: Frame | undefined, id: string) =>
  JSON.stringify(frame).replaceAll(id, "<id>");

describe("two users with the same thread and run id", () => {
  it("each get exactly their own events, on all of their devices", async () => {
    await using server = await startServer();
    const alice = [await server.connect("alice"), await server.connect("alice")] as const;
    const bob = [await server.connect("bob"), await server.connect("bob")] as const;

    alice[0].run("wait", "run", "thread");
    bob[1].run("wait", "run", "thread");
    await expect.poll(() => server.agents.started.length).toBe(2);
    server.agents.release();
    for (const device of [...alice, ...bob]) await device.endOf("run");
    for (const device of [...alice, ...bob]) await device.fence();

    for (const [userId, devices] of [
      ["alice", alice],
      ["bob", bob],
    ] as const) {
      for (const { frames } of devices) {
        expect(saidIn(frames)).toEqual([`before ${userId}`, `after ${userId}`]);
        expect(frames.flatMap(({ metadata }) => metadata?.seq ?? [])).toEqual([1, 2, 3, 4]);
      }
    }
  });

  it("are two users also if only their tenants differ", async () => {
    await using server = await startServer();
    const header = async (tenant: string) => ({
      headers: { authorization: `Bearer ${await signToken("sam", { tenant })}` },
    });
    const one = await server.connect("", "/ws", await header("one"));
    const two = await server.connect("", "/ws", await header("two"));

    one.run("echo", "run");
    await one.endOf("run");
    await two.fence();

    expect(two.frames.map(({ type }) => type)).toEqual(["ready", "pong"]);
    expect(server.runtime.health().users).toBe(2);
  });
});

describe("a cancel", () => {
  it("of a foreign run and of one that never was get the same answer, byte for byte, but for the id", async () => {
    await using server = await startServer();
    const [alice, bob] = [await server.connect("alice"), await server.connect("bob")];
    alice.run("wait", "hers");
    await alice.ofType("CUSTOM");

    for (const id of ["hers", "none"]) bob.cancel(id);
    const answers = await Promise.all(
      ["hers", "none"].map((id) => bob.first((f) => f.type === "error" && f["runId"] === id)),
    );

    expect(placeless(answers[0], "hers")).toBe(placeless(answers[1], "none"));
    expect(answers[0]).toMatchObject({ code: "RUN_UNKNOWN", retryable: false });
    await alice.fence();
    expect(alice.eventsOf("hers").map(({ type }) => type)).toEqual(["RUN_STARTED", "CUSTOM"]);
    alice.cancel("hers");
    expect(await alice.endOf("hers")).toMatchObject({ outcome: { type: "cancelled" } });
  });

  it("from another device of the same user works", async () => {
    await using server = await startServer();
    const [phone, desk] = [await server.connect("alice"), await server.connect("alice")];
    phone.run("wait", "run");
    await desk.ofType("CUSTOM");

    desk.cancel("run");

    expect(await phone.endOf("run")).toMatchObject({ outcome: { type: "cancelled" } });
  });
});

describe("an error", () => {
  it("of one user's frames reaches that socket alone, not even the user's other devices", async () => {
    await using server = await startServer();
    const [alice, desk, bob] = [
      await server.connect("alice"),
      await server.connect("alice"),
      await server.connect("bob"),
    ];

    alice.socket.send("{ no json");
    expect(await alice.ofType("error")).toMatchObject({ code: "FRAME_INVALID" });
    for (const other of [desk, bob]) {
      await other.fence();
      expect(other.frames.map(({ type }) => type)).toEqual(["ready", "pong"]);
    }
  });

  it("of one user's agent reaches that user in words that carry nothing of its inside", async () => {
    await using server = await startServer();
    const [alice, bob] = [await server.connect("alice"), await server.connect("bob")];
    bob.run("wait", "run");
    await bob.ofType("CUSTOM");

    alice.run("fails", "run");
    const end = await alice.endOf("run");
    server.agents.release();

    expect(end).toMatchObject({ code: "AGENT_FAILED", message: 'Agent "fails" failed.' });
    expect(JSON.stringify(alice.frames)).not.toContain("hunter2");
    expect(await bob.endOf("run")).toMatchObject({ outcome: { type: "success" } });
    expect(server.told).toMatchObject([{ stage: "agent" }]);
  });
});

describe("a session id of another user", () => {
  it("is as unknown as one that never was: 4511 for both, while its owner resumes it", async () => {
    await using server = await startServer();
    const alice = await server.connect("alice");
    const { sessionId } = (await alice.ofType("ready")) as Frame & { sessionId: string };

    const foreign = await server.open("bob", `/ws?session=${sessionId}`);
    const unknown = await server.open("bob", "/ws?session=never-was");
    const own = await server.connect("alice", `/ws?session=${sessionId}`);

    expect(await foreign.closed).toEqual({ code: 4511, reason: "session unknown" });
    expect(await unknown.closed).toEqual(await foreign.closed);
    expect([foreign.frames, unknown.frames]).toEqual([[], []]);
    expect(own.frames[0]).toMatchObject({ sessionId });
    expect(server.runtime.health().users).toBe(1);
  });
});
