import { describe, expect, it } from "vitest";
import { createMemoryEventLog } from "../../src/drivers/memory/memory-event-log.ts";
import { ask, inputOf, post } from "./sse-client.ts";
import { startServer } from "./test-server.ts";

/** On a busy machine, too. */
const SOON = { timeout: 5000 };

describe("POST /agui/:agent", () => {
  it("answers with the events of that run alone, numbered and placed, in LF framing, and ends with the run", async () => {
    await using server = await startServer();
    const other = await post(server, "alice", "wait", inputOf("other"));
    await other.ofType("CUSTOM");

    const run = await post(server, "alice", "echo", inputOf("run"));

    expect(await run.ended).toBe("whole");
    expect(run.status).toBe(200);
    expect(run.response.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "x-accel-buffering": "no",
    });
    expect(run.response.headers["cache-control"]).toContain("no-store");
    expect(run.text).not.toContain("\r");
    expect(run.types).toEqual([
      "RUN_STARTED",
      "TEXT_MESSAGE_START",
      "TEXT_MESSAGE_CONTENT",
      "TEXT_MESSAGE_END",
      "RUN_FINISHED",
    ]);
    expect(run.events[2]).toMatchObject({ delta: "hello alice" });
    for (const [index, { metadata }] of run.events.entries()) {
      const position = run.blocks[index]?.id;
      expect(metadata).toEqual({ threadId: "thread-1", runId: "run", seq: index + 1, position });
    }
    expect(other.events.every(({ metadata }) => metadata?.runId === "other")).toBe(true);
  });

  it("shows that it lives with comments, at the rhythm of the server", async () => {
    await using server = await startServer({ heartbeatMs: 30 });

    const run = await post(server, "alice", "wait", inputOf("run"));
    await run.until(({ blocks }) => blocks.filter(({ comment }) => comment === "ping").length > 2);

    server.agents.release();
    expect(await run.ended).toBe("whole");
    expect(run.types).toEqual(["RUN_STARTED", "CUSTOM", "CUSTOM", "RUN_FINISHED"]);
  });

  it("keeps the run going when its client hangs up, and lets go of its user after", async () => {
    await using server = await startServer();
    const run = await post(server, "alice", "wait", inputOf("run"));
    await run.ofType("CUSTOM");
    expect(server.runtime.health()).toMatchObject({ connections: 1, users: 1 });

    run.response.destroy();
    await expect.poll(() => server.runtime.health().connections, SOON).toBe(0);
    expect(server.runtime.health().users).toBe(1);
    expect(server.agents.started[0]?.signal.aborted).toBe(false);
    server.agents.release();

    await expect.poll(() => server.runtime.health().users, SOON).toBe(0);
    const again = await post(server, "alice", "wait", inputOf("run"));
    await again.ended;
    expect(again.types).toEqual(["RUN_STARTED", "CUSTOM", "CUSTOM", "RUN_FINISHED"]);
    expect(server.agents.started).toHaveLength(1);
  });

  it("repeated is a resume, never a second run: from the first event, or after Last-Event-ID", async () => {
    await using server = await startServer();
    const run = await post(server, "alice", "wait", inputOf("run"));
    await run.ofType("CUSTOM");
    const position = run.blocks[0]?.id ?? "";

    const whole = await post(server, "alice", "wait", inputOf("run"));
    const rest = await ask(server, "alice", "/agui/wait", {
      body: inputOf("run"),
      headers: { "last-event-id": position },
    });
    await whole.ofType("CUSTOM");
    await rest.ofType("CUSTOM");
    server.agents.release();
    await Promise.all([run.ended, whole.ended, rest.ended]);

    expect(whole.events).toEqual(run.events);
    expect(rest.events).toEqual(run.events.slice(1));
    expect(server.agents.started).toHaveLength(1);
    const last = run.blocks.at(-1)?.id ?? "";
    const none = await ask(server, "alice", "/agui/wait", {
      body: inputOf("run"),
      headers: { "last-event-id": last },
    });
    expect([none.status, await none.ended, none.text]).toEqual([200, "whole", ""]);
    expect(server.agents.started).toHaveLength(1);
  });

  it("of many at once with one run id starts one run, and tells all the same", async () => {
    await using server = await startServer({ limits: { maxConnectionsPerUser: 20 } });

    const asked = Array.from({ length: 12 }, () => post(server, "alice", "echo", inputOf("run")));
    const runs = await Promise.all(asked);
    await Promise.all(runs.map(({ ended }) => ended));

    expect(server.agents.started).toHaveLength(1);
    expect(runs[0]?.events).toHaveLength(5);
    for (const { events } of runs) expect(events).toEqual(runs[0]?.events);
  });

  it("does not meet the runs of another user with the same thread and run ids", async () => {
    await using server = await startServer();
    const alice = await post(server, "alice", "wait", inputOf("run"));
    await alice.ofType("CUSTOM");
    const position = alice.blocks[0]?.id ?? "";

    const bob = await post(server, "bob", "wait", inputOf("run"));
    const thief = await ask(server, "bob", "/agui/wait", {
      body: inputOf("run"),
      headers: { "last-event-id": position },
    });
    await bob.ofType("CUSTOM");
    server.agents.release();
    await Promise.all([alice.ended, bob.ended]);

    expect(server.agents.started).toHaveLength(2);
    expect(alice.text).toContain("before alice");
    expect(alice.text).not.toContain("bob");
    expect(bob.text).toContain("before bob");
    expect(bob.text).not.toContain("alice");
    expect(thief.status).toBe(400);
    expect(await thief.json()).toMatchObject({ error: { code: "CURSOR_REFUSED" } });
  });

  it.each([
    ["the first events are gone", undefined, 0],
    ["the events after the position are gone", 0, 0],
    ["everything is gone", undefined, 1],
    ["everything is gone, even the position", 0, 1],
  ])("of a run of which %s answers that, and starts nothing", async (_, index, later) => {
    await using server = await startServer({
      eventLog: createMemoryEventLog({ retention: { maxRecords: 3 } }),
    });
    // Keeps the user here: of one who left, only what is in the log is remembered.
    await using _here = await ask(server, "alice", "/events");
    const run = await post(server, "alice", "echo", inputOf("run"));
    await run.ended;
    for (let i = 0; i < later; i += 1)
      await (
        await post(server, "alice", "echo", inputOf(`${i}`))
      ).ended;
    const position = index === undefined ? undefined : run.blocks[index]?.id;
    const headers: Record<string, string> =
      position === undefined ? {} : { "last-event-id": position };

    const again = await ask(server, "alice", "/agui/echo", { body: inputOf("run"), headers });

    expect(again.status).toBe(410);
    expect(await again.json()).toMatchObject({ error: { code: "EVENTS_GONE" } });
    expect(server.agents.started).toHaveLength(1 + later);
    const kept = await ask(server, "alice", "/runs/run/events?after=oldest");
    await kept.ended;
    if (later === 0) expect(kept.events).toEqual(run.events.slice(2));
    else expect(kept.status).toBe(404);
  });

  it("after which the sign-in ends is cut, not ended: a client must not take it for whole", async () => {
    await using server = await startServer();
    const run = await post(server, "alice", "hangs", inputOf("run"));
    await run.ofType("CUSTOM");
    const user = server.agents.started[0]?.user;

    for (const { sessionId } of await server.runtime.sessions.list(user as never)) {
      await server.runtime.sessions.revoke(user as never, sessionId);
    }

    expect(await run.ended).toBe("cut");
    expect(run.text).toContain(": closed 4512 session revoked\n\n");
  });

  it("at the closing of the server hears of its run's end", async () => {
    await using server = await startServer();
    const run = await post(server, "alice", "wait", inputOf("run"));
    await run.ofType("CUSTOM");

    await server.runtime.close();

    expect(await run.ended).toBe("whole");
    expect(run.events.at(-1)).toMatchObject({ outcome: { type: "cancelled" } });
    const late = await post(server, "alice", "wait", inputOf("late"));
    expect(late.status).toBe(503);
    expect(late.response.headers["retry-after"]).toBe("1");
  });

  it("is held to the limits of connections and runs, with 429, and room after", async () => {
    const limits = { maxConcurrentRuns: 1, maxQueuedRuns: 1, maxConnectionsPerUser: 3 };
    await using server = await startServer({ limits });
    const [first, second] = [
      await post(server, "alice", "wait", inputOf("1")),
      await post(server, "alice", "wait", inputOf("2")),
    ];
    await first.ofType("CUSTOM");
    await second.ofType("RUN_STARTED");

    const third = await post(server, "alice", "wait", inputOf("3"));
    expect([third.status, third.response.headers["retry-after"]]).toEqual([429, "1"]);
    expect(await third.json()).toMatchObject({ error: { code: "TOO_MANY_RUNS" } });
    const watching = await post(server, "alice", "wait", inputOf("1"));
    const fourth = await post(server, "alice", "wait", inputOf("1"));
    expect(fourth.status).toBe(429);
    expect(await fourth.json()).toMatchObject({ error: { code: "TOO_MANY_CONNECTIONS" } });

    server.agents.release();
    await Promise.all([first.ended, second.ended, watching.ended]);
    const fifth = await post(server, "alice", "echo", inputOf("5"));
    await fifth.ended;
    expect(fifth.types.at(-1)).toBe("RUN_FINISHED");
  });

  it("is held to the limit of connections of all users", async () => {
    await using server = await startServer({ limits: { maxConnections: 1 } });
    const first = await post(server, "alice", "wait", inputOf("1"));
    await first.ofType("CUSTOM");

    const second = await post(server, "bob", "echo", inputOf("2"));

    expect(second.status).toBe(503);
    expect(await second.json()).toMatchObject({ error: { code: "UNAVAILABLE" } });
  });

  it("shares one session among the requests of a user, and takes the one that is named", async () => {
    await using server = await startServer();
    const device = await server.connect("alice");
    const { sessionId } = (await device.ofType("ready")) as unknown as { sessionId: string };
    for (let i = 0; i < 25; i += 1)
      await (
        await post(server, "alice", "echo", inputOf(`${i}`))
      ).ended;

    const named = await ask(server, "alice", `/events?session=${sessionId}`);
    await named.until(({ blocks }) => blocks.length > 1);
    const user = server.agents.started[0]?.user;

    expect(await server.runtime.sessions.list(user as never)).toHaveLength(2);
    expect(named.named("ready")).toMatchObject({ sessionId });
    const unknown = await ask(server, "bob", `/events?session=${sessionId}`);
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ error: { code: "SESSION_UNKNOWN" } });
  });
});

describe("POST /runs/:runId/cancel", () => {
  it("ends a run that goes on; an unknown one and another user's get the very same answer", async () => {
    await using server = await startServer();
    const run = await post(server, "alice", "wait", inputOf("a run/of mine"));
    await run.ofType("CUSTOM");
    const path = `/runs/${encodeURIComponent("a run/of mine")}/cancel`;
    await (
      await post(server, "bob", "echo", inputOf("bob is here"))
    ).ended;

    const foreign = await ask(server, "bob", path, { method: "POST" });
    const unknown = await ask(server, "alice", "/runs/none/cancel", { method: "POST" });
    const absent = await ask(server, "carol", path, { method: "POST" });
    expect([foreign.status, unknown.status, absent.status]).toEqual([404, 404, 404]);
    await Promise.all([foreign.ended, unknown.ended, absent.ended]);
    expect([foreign.text, absent.text]).toEqual([unknown.text, unknown.text]);

    const own = await ask(server, "alice", path, { method: "POST" });

    expect([own.status, await own.ended, own.text]).toEqual([202, "whole", ""]);
    expect(await run.ended).toBe("whole");
    expect(run.events.at(-1)).toMatchObject({ outcome: { type: "cancelled" } });
    expect((await ask(server, "alice", path, { method: "POST" })).status).toBe(404);
  });
});
