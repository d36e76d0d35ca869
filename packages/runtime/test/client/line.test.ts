import { describe, expect, it } from "vitest";
import { CLOSE } from "../../src/protocol/close-codes.ts";
import { startScriptedServer } from "./scripted-server.ts";
import { readAll, TestDevice } from "./test-device.ts";

const SOON = { interval: 5 };

describe("a close code", () => {
  const forGood = [1000, 1002, 1003, 1007, 1008, 1009, 4500, 4510, 4999];
  const forNow = [1001, 1011, 1012, 1013, 4001, 4002, 4003, 4004, 4005, 4499, 4514];

  it.each(forGood)("of %i ends the client for good, and its runs", async (code) => {
    await using server = await startScriptedServer();
    await using device = new TestDevice({ url: server.url });
    const run = device.client.run({ agent: "echo", threadId: "thread" });

    (await server.next()).close(code);

    expect(await device.client.closed).toEqual({ by: "server", code });
    expect(await run.ended).toMatchObject({ status: "lost", error: { code: "WT_CLIENT_CLOSED" } });
    expect(server.lines).toHaveLength(1);
  });

  it.each(forNow)("of %i brings it back where it was", async (code) => {
    await using server = await startScriptedServer();
    await using device = new TestDevice({ url: server.url });
    const line = await server.next();
    line.ready();
    line.event(4);
    await expect.poll(() => device.events.length, SOON).toBe(1);

    line.close(code);
    const next = await server.next();
    next.ready();

    expect(Object.fromEntries(next.query)).toEqual({ after: "log.40.tag", session: "session-1" });
    expect(device.changes[2]).toMatchObject({ state: "waiting", code });
  });

  it.each([CLOSE.sessionUnknown, CLOSE.sessionRevoked, CLOSE.sessionExpired])(
    "of %o brings it back in a new session, at the same position",
    async ({ code }) => {
      await using server = await startScriptedServer();
      await using device = new TestDevice({ url: server.url, session: "old", after: "log.7.tag" });
      (await server.next()).close(code);

      const next = await server.next();
      next.ready();

      expect(Object.fromEntries(next.query)).toEqual({ after: "log.7.tag" });
      await expect.poll(() => device.client.session, SOON).toBe("session-1");
    },
  );

  it.each([CLOSE.sessionUnknown, CLOSE.cursorRefused])(
    "of %o that nobody gave a reason for, twice in a row, ends the client",
    async ({ code }) => {
      await using server = await startScriptedServer();
      await using device = new TestDevice({ url: server.url });
      for (let attempt = 1; attempt <= 2; attempt += 1) (await server.next()).close(code);

      expect(await device.client.closed).toMatchObject({ by: "client" });
    },
  );

  it("of 4510 brings back who was ready before: its own dead line may hold the place", async () => {
    await using server = await startScriptedServer();
    await using device = new TestDevice({ url: server.url });
    const line = await server.next();
    line.ready();
    await expect.poll(() => device.client.state, SOON).toBe("ready");
    line.cut();
    (await server.next()).close(4510);

    (await server.next()).ready();

    await expect.poll(() => device.times("ready"), SOON).toBe(2);
  });
});

describe("the pauses", () => {
  it("grow over lines that come to nothing, and are short again after a good one", async () => {
    let now = 0;
    await using server = await startScriptedServer();
    await using device = new TestDevice({ url: server.url, random: () => 1, now: () => now });
    for (const livedMs of [0, 4999, 5000, 0]) {
      const line = await server.next();
      line.ready();
      await expect.poll(() => device.client.state, SOON).toBe("ready");
      now += livedMs;
      line.close(1001);
      await expect.poll(() => device.client.state, SOON).not.toBe("ready");
    }

    const pauses = device.changes.flatMap((change) =>
      change.state === "waiting" ? [change.retryInMs] : [],
    );
    expect(pauses).toEqual([10, 20, 10, 20]);
  });
});

describe("a line", () => {
  it("that is silent is looked at, and given up if nothing comes back", async () => {
    await using server = await startScriptedServer();
    await using device = new TestDevice({ url: server.url, heartbeatMs: 40 });
    const line = await server.next();
    line.ready();
    await expect.poll(() => device.client.state, SOON).toBe("ready");
    line.hang();

    const next = await server.next();
    next.ready();

    expect(next.query.get("session")).toBe("session-1");
    expect(device.changes[2]).toMatchObject({ state: "waiting", code: 1006 });
  });

  it("that answers stays, however silent, and is asked only when it is", async () => {
    await using server = await startScriptedServer();
    await using device = new TestDevice({ url: server.url, heartbeatMs: 100 });
    const line = await server.next();
    line.ready();
    let answered = 0;
    const answering = setInterval(() => {
      for (; answered < line.ofType("ping").length; answered += 1) line.send({ type: "pong" });
    }, 10);

    await expect.poll(() => line.ofType("ping").length, { timeout: 3000 }).toBeGreaterThan(2);
    clearInterval(answering);

    expect(server.lines).toHaveLength(1);
    expect(device.incidents).toEqual([]);
  });

  it("that is not ready in time is given up", async () => {
    await using server = await startScriptedServer();
    await using device = new TestDevice({ url: server.url, connectTimeoutMs: 50 });
    (await server.next()).hang();

    (await server.next()).ready();

    await expect.poll(() => device.client.state, SOON).toBe("ready");
  });

  it("for which the app never finds a proof is given up too", async () => {
    await using server = await startScriptedServer();
    let asked = 0;
    const token = (): Promise<string> => {
      asked += 1;
      return asked === 1 ? new Promise(() => {}) : Promise.resolve("token");
    };
    await using device = new TestDevice({ url: server.url, connectTimeoutMs: 50, token });

    const line = await server.next();
    line.ready();

    await expect.poll(() => device.client.state, SOON).toBe("ready");
    expect(line.headers.authorization).toBe("Bearer token");
  });

  it("that can't even be tried ends the client, and the error says what to do", async () => {
    class Browsers {
      constructor(_url: string, protocols?: object) {
        if (protocols !== undefined) throw new SyntaxError("The subprotocol is invalid.");
      }
    }
    await using device = new TestDevice({
      url: "ws://localhost/ws",
      token: () => "token",
      webSocket: Browsers as never,
    });

    const cause = await device.client.closed;

    expect(cause).toMatchObject({ by: "client", error: { code: "WT_OPTION_INVALID" } });
    expect(String((cause as { readonly error?: Error }).error)).toContain("pass `ticket`");
  });

  it("says what it wants in the address, and keeps what was there", async () => {
    await using server = await startScriptedServer();
    await using device = new TestDevice({
      url: `${server.url.replace("ws:", "http:")}?region=eu#top`,
      ticket: () => "t&1",
      after: "oldest",
    });

    const { query, headers } = await server.next();

    expect(Object.fromEntries(query)).toEqual({ region: "eu", ticket: "t&1", after: "oldest" });
    expect(headers.authorization).toBeUndefined();
    expect(device.client.state).toBe("connecting");
  });
});

describe("an error of the server", () => {
  it("about a run that was not started ends it; the app hears whether to try again", async () => {
    await using server = await startScriptedServer();
    await using device = new TestDevice({ url: server.url });
    const run = device.client.run({ agent: "echo", threadId: "thread", runId: "run" });
    const line = await server.next();
    line.ready();
    const error = { type: "error", code: "TOO_MANY_RUNS", message: "m", retryable: true };
    line.send({ ...error, runId: "run" });

    const { type: _, ...outcome } = error;
    expect(await run.ended).toEqual({ status: "refused", ...outcome });
  });

  it("about one that is going on is not the end of it", async () => {
    await using server = await startScriptedServer();
    await using device = new TestDevice({ url: server.url });
    const run = device.client.run({ agent: "echo", threadId: "thread", runId: "run" });
    const line = await server.next();
    line.ready();
    line.start();
    for (const code of ["AGENT_UNKNOWN", "RUN_UNKNOWN"]) {
      line.send({ type: "error", code, message: "m", retryable: false, runId: "run" });
    }
    line.finish(2);

    expect(await run.ended).toEqual({ status: "finished" });
  });

  it("about nothing that it knows is reported, and not sent back", async () => {
    await using server = await startScriptedServer();
    await using device = new TestDevice({ url: server.url });
    const line = await server.next();
    line.ready();
    line.send({ type: "error", code: "FRAME_UNKNOWN", message: "m", retryable: false });

    await expect
      .poll(() => device.incidents, SOON)
      .toEqual([{ kind: "frame-refused", code: "FRAME_UNKNOWN" }]);
    expect(line.ofType("incident")).toEqual([]);
  });
});

describe("a reader", () => {
  it("that leaves too much unread gets an error; the run's end is told all the same", async () => {
    await using server = await startScriptedServer();
    await using device = new TestDevice({ url: server.url, maxUnreadEvents: 10 });
    const run = device.client.run({ agent: "echo", threadId: "thread", runId: "run" });
    const events = device.client.events();
    const line = await server.next();
    line.ready();
    line.start();
    for (let seq = 2; seq <= 20; seq += 1) line.event(seq);
    line.finish(21);

    expect(await run.ended).toEqual({ status: "finished" });
    expect(await readAll(run)).toMatchObject({ events: [], error: { code: "WT_READER_BEHIND" } });
    await expect(events.next()).rejects.toMatchObject({ code: "WT_READER_BEHIND" });
    expect(device.events).toHaveLength(21);
    expect(device.incidents).toEqual([]);
  });

  it("that stops early leaves the run as it is", async () => {
    await using server = await startScriptedServer();
    await using device = new TestDevice({ url: server.url });
    const run = device.client.run({ agent: "echo", threadId: "thread", runId: "run" });
    const line = await server.next();
    line.ready();
    line.start();
    line.event(2);
    for await (const { metadata } of run) if (metadata.seq === 2) break;
    line.finish(3);

    expect(await run.ended).toEqual({ status: "finished" });
    expect(line.ofType("cancel")).toEqual([]);
  });
});
