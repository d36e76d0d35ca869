import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Authenticate } from "../../src/auth/authenticate.ts";
import { createUserContext } from "../../src/context/user-context.ts";
import { startServer } from "../http/test-server.ts";
import { signToken } from "../http/test-token.ts";
import { startCuttingProxy } from "./cutting-proxy.ts";
import { deviceOf, readAll, seqsOf, TestDevice, typesOf } from "./test-device.ts";

const SOON = { interval: 5 };

describe("a run", () => {
  it("comes as its events, once and in order, and as its end", async () => {
    await using server = await startServer();
    await using device = deviceOf("alice", server.url());

    const run = device.client.run({ agent: "echo", threadId: "thread" });
    const { events, error } = await readAll(run);

    expect(error).toBeUndefined();
    expect(typesOf(events)).toEqual([
      "RUN_STARTED",
      "TEXT_MESSAGE_START",
      "TEXT_MESSAGE_CONTENT",
      "TEXT_MESSAGE_END",
      "RUN_FINISHED",
    ]);
    expect(seqsOf(events)).toEqual([1, 2, 3, 4, 5]);
    expect(events[2]).toMatchObject({ delta: "hello alice" });
    expect(events.every(({ metadata }) => metadata.runId === run.runId)).toBe(true);
    expect(await run.ended).toEqual({ status: "finished" });
    expect(device.client.position).toBe(events.at(-1)?.metadata.position);
    expect(device.incidents).toEqual([]);
  });

  it.each([
    ["fails", "AGENT_FAILED"],
    ["hangs", "AGENT_DIED"],
  ])("whose agent %s has %s as its end, and its last event is that", async (agent, code) => {
    await using server = await startServer({ limits: { progressTimeoutMs: 200 } });
    await using device = deviceOf("alice", server.url());

    const run = device.client.run({ agent, threadId: "thread" });
    const { events, error } = await readAll(run);

    expect(error).toBeUndefined();
    expect(typesOf(events)).toEqual(["RUN_STARTED", "CUSTOM", "RUN_ERROR"]);
    expect(await run.ended).toMatchObject({ status: "failed", code });
  });

  it("can be cancelled", async () => {
    await using server = await startServer();
    await using device = deviceOf("alice", server.url());
    const run = device.client.run({ agent: "wait", threadId: "thread" });
    await expect.poll(() => device.events.length, SOON).toBe(2);

    run.cancel();
    run.cancel();

    expect(await run.ended).toEqual({ status: "cancelled" });
    expect(typesOf((await readAll(run)).events).at(-1)).toBe("RUN_FINISHED");
    expect(device.incidents).toEqual([]);
  });

  it("that is cancelled before it was asked for never starts", async () => {
    await using server = await startServer();
    await using device = deviceOf("alice", server.url());

    const run = device.client.run({ agent: "wait", threadId: "thread" });
    run.cancel();
    const next = device.client.run({ agent: "echo", threadId: "thread" });

    expect(await run.ended).toEqual({ status: "cancelled" });
    expect(await readAll(run)).toEqual({ events: [] });
    await next.ended;
    expect(server.agents.started).toHaveLength(1);
  });

  it("that is refused says so, and may be asked for again", async () => {
    await using server = await startServer();
    await using device = deviceOf("alice", server.url());

    const run = device.client.run({ agent: "nobody", threadId: "thread", runId: "run" });
    const reading = readAll(run);

    expect(await run.ended).toMatchObject({ status: "refused", code: "AGENT_UNKNOWN" });
    expect(await reading).toMatchObject({ events: [], error: { code: "WT_RUN_REFUSED" } });
    const again = device.client.run({ agent: "echo", threadId: "thread", runId: "run" });
    expect(await again.ended).toEqual({ status: "finished" });
    expect(device.incidents).toEqual([]);
  });

  it("too large for the server is refused before it is sent, and the line stays", async () => {
    await using server = await startServer({ limits: { maxFrameBytes: 1000 } });
    await using device = deviceOf("alice", server.url());
    const ask = { agent: "echo", threadId: "thread" };
    const said = (content: string) => [{ id: "m", role: "user" as const, content }];

    const large = device.client.run({ ...ask, messages: said("ä".repeat(500)) });
    const small = device.client.run({ ...ask, messages: said("a".repeat(500)) });

    expect(await large.ended).toMatchObject({ status: "refused", code: "FRAME_TOO_LARGE" });
    expect(await small.ended).toEqual({ status: "finished" });
    expect(device.times("ready")).toBe(1);
  });

  it("is one for one id: asking again answers the same, a used id is refused", async () => {
    await using server = await startServer();
    await using device = deviceOf("alice", server.url());
    const ask = { agent: "echo", threadId: "thread", runId: "run" };

    const run = device.client.run(ask);
    expect(device.client.run(ask)).toBe(run);
    expect(() => device.client.run({ ...ask, threadId: "other" })).toThrow(/WT_|new run id/);
    await run.ended;

    expect(() => device.client.run(ask)).toThrow(/new run id/);
    expect(server.agents.started).toHaveLength(1);
  });
});

describe("many runs at once", () => {
  it("are asked for no faster than the server allows", async () => {
    const limits = { maxMessagesPerSecond: 40, maxConcurrentRuns: 100 };
    await using server = await startServer({ limits });
    await using device = deviceOf("alice", server.url());

    const runs = Array.from({ length: 50 }, () =>
      device.client.run({ agent: "echo", threadId: "thread" }),
    );
    const outcomes = await Promise.all(runs.map(({ ended }) => ended));

    expect(outcomes.every(({ status }) => status === "finished")).toBe(true);
    expect(device.times("ready")).toBe(1);
    expect(device.incidents).toEqual([]);
  });

  it("are limited", async () => {
    await using server = await startServer();
    await using device = deviceOf("alice", server.url(), { maxOpenRuns: 2 });
    const ask = { agent: "wait", threadId: "thread" };
    device.client.run(ask);
    const second = device.client.run(ask);

    expect(() => device.client.run(ask)).toThrow(/at most 2 open runs/);
    second.cancel();
    expect(() => device.client.run(ask)).not.toThrow();
  });
});

describe("another device of the user", () => {
  it("hears of every run, can follow and cancel it; another user's hears nothing", async () => {
    await using server = await startServer();
    await using phone = deviceOf("alice", server.url());
    await using desk = deviceOf("alice", server.url());
    await using bobs = deviceOf("bob", server.url());
    const reading = readAll({ [Symbol.asyncIterator]: () => desk.client.events() } as never);
    for (const device of [desk, bobs]) {
      await expect.poll(() => device.client.state, SOON).toBe("ready");
    }

    const run = phone.client.run({ agent: "wait", threadId: "thread", runId: "run" });
    await expect.poll(() => desk.events.length, SOON).toBe(2);
    const followed = desk.client.follow({ threadId: "thread", runId: "run" });
    followed.cancel();

    expect(await followed.ended).toEqual({ status: "cancelled" });
    expect(await run.ended).toEqual({ status: "cancelled" });
    expect(typesOf((await readAll(followed)).events)).toEqual(["RUN_FINISHED"]);
    expect(desk.events).toEqual((await readAll(run)).events);
    await desk.client.close();
    expect((await reading).events).toEqual(desk.events);
    expect(bobs.events).toEqual([]);
  });

  it("is told that there is no such run when it cancels one", async () => {
    await using server = await startServer();
    await using device = deviceOf("alice", server.url());

    const run = device.client.follow({ threadId: "thread", runId: "never was" });
    run.cancel();

    expect(await run.ended).toMatchObject({ status: "refused", code: "RUN_UNKNOWN" });
  });

  it("may listen to one type, and stop", async () => {
    await using server = await startServer();
    await using device = deviceOf("alice", server.url());
    const deltas: string[] = [];
    const stop = device.client.on("TEXT_MESSAGE_CONTENT", ({ delta }) => deltas.push(delta));

    await device.client.run({ agent: "echo", threadId: "thread" }).ended;
    stop();
    await device.client.run({ agent: "echo", threadId: "thread" }).ended;

    expect(deltas).toEqual(["hello alice"]);
  });
});

describe("a client whose line is cut", () => {
  it("comes back in its session, and its run goes on where it was", async () => {
    await using server = await startServer();
    await using proxy = await startCuttingProxy(server.port);
    await using device = deviceOf("alice", proxy.url);
    const run = device.client.run({ agent: "wait", threadId: "thread" });
    const reading = readAll(run);
    await expect.poll(() => device.events.length, SOON).toBe(2);
    const { session } = device.client;

    proxy.cutAll();
    server.agents.release();

    expect(await run.ended).toEqual({ status: "finished" });
    expect(seqsOf((await reading).events)).toEqual([1, 2, 3, 4]);
    expect(device.client.session).toBe(session);
    expect(device.changes.map(({ state }) => state)).toEqual([
      "connecting",
      "ready",
      "waiting",
      "connecting",
      "ready",
    ]);
    expect(device.incidents).toEqual([]);
  });

  it("asks again for what may not have arrived, and it starts once", async () => {
    await using server = await startServer();
    await using proxy = await startCuttingProxy(server.port);
    await using device = deviceOf("alice", proxy.url);
    await expect.poll(() => device.client.state, SOON).toBe("ready");

    const run = device.client.run({ agent: "wait", threadId: "thread" });
    const lost = device.client.run({ agent: "wait", threadId: "thread" });
    lost.cancel();
    proxy.cutAll();
    await expect.poll(() => device.times("ready"), SOON).toBe(2);
    server.agents.release();

    expect(await run.ended).toEqual({ status: "finished" });
    expect(await lost.ended).toEqual({ status: "cancelled" });
    expect(server.agents.started.length).toBeLessThanOrEqual(2);
    expect(seqsOf((await readAll(run)).events)).toEqual([1, 2, 3, 4]);
  });

  it("waits for a server that is away, longer each time, and finds it when it is back", async () => {
    await using server = await startServer();
    await using proxy = await startCuttingProxy(1);
    const backOff = { baseMs: 10, maxMs: 40 };
    await using device = deviceOf("alice", proxy.url, { random: () => 1, backOff });

    await expect.poll(() => device.times("waiting"), SOON).toBe(4);

    const pauses = device.changes.flatMap((change) =>
      change.state === "waiting" ? [change.retryInMs] : [],
    );
    expect(pauses).toEqual([10, 20, 40, 40]);
    expect(device.client.state).not.toBe("closed");
    expect(server.runtime.health().connections).toBe(0);
  });
});

describe("a run that waits for its turn", () => {
  it("is asked for again on a new line, and starts once", async () => {
    await using server = await startServer({ limits: { maxConcurrentRuns: 1 } });
    await using proxy = await startCuttingProxy(server.port);
    await using device = deviceOf("alice", proxy.url);
    const first = device.client.run({ agent: "wait", threadId: "one" });
    await expect.poll(() => device.events.length, SOON).toBe(2);
    const second = device.client.run({ agent: "echo", threadId: "two" });

    proxy.cutAll();
    await expect.poll(() => device.times("ready"), SOON).toBe(2);
    server.agents.release();

    expect(await first.ended).toEqual({ status: "finished" });
    expect(await second.ended).toEqual({ status: "finished" });
    expect(server.agents.started).toHaveLength(2);
  });
});

describe("a page that was loaded again", () => {
  it("goes on in its session after the position that its app kept", async () => {
    await using server = await startServer();
    await using before = deviceOf("alice", server.url());
    const run = before.client.run({ agent: "wait", threadId: "thread" });
    await expect.poll(() => before.events.length, SOON).toBe(2);
    const { position: after, session } = before.client;
    await before.client.close();
    expect(await run.ended).toMatchObject({ status: "lost" });

    await using page = deviceOf("alice", server.url(), { after: after!, session: session! });
    const followed = page.client.follow(run);
    server.agents.release();

    expect(await followed.ended).toEqual({ status: "finished" });
    expect(seqsOf((await readAll(followed)).events)).toEqual([3, 4]);
    expect(page.client.session).toBe(session);
  });

  it("gets everything that is kept if it asks for the oldest", async () => {
    await using server = await startServer();
    await using before = deviceOf("alice", server.url());
    await before.client.run({ agent: "echo", threadId: "thread" }).ended;

    await using page = deviceOf("alice", server.url(), { after: "oldest" });

    await expect.poll(() => page.events.length, SOON).toBe(5);
    expect(page.events).toEqual(before.events);
  });

  it("as another user can't go on where the first one was, and says so", async () => {
    await using server = await startServer();
    await using alices = deviceOf("alice", server.url());
    await alices.client.run({ agent: "echo", threadId: "thread" }).ended;

    await using bobs = deviceOf("bob", server.url(), {
      after: alices.client.position!,
      session: alices.client.session!,
    });
    const run = bobs.client.run({ agent: "echo", threadId: "thread" });

    expect(await run.ended).toEqual({ status: "finished" });
    expect(bobs.client.session).not.toBe(alices.client.session);
    expect(bobs.kinds()).toEqual(["position-refused"]);
    expect(bobs.resets).toEqual([{ reason: "position-refused" }]);
    expect(JSON.stringify(bobs.events)).not.toContain("alice");
  });
});

describe("a proof", () => {
  it("is asked for anew each time, so that an expired one is no end", async () => {
    let asked = 0;
    const authenticate: Authenticate = async ({ headers }) => {
      const expiresAt = headers.authorization === "Bearer 1" ? Date.now() + 800 : undefined;
      return {
        tenantId: "acme",
        userId: "alice",
        ...(expiresAt === undefined ? {} : { expiresAt }),
      };
    };
    await using server = await startServer({ authenticate });
    const token = (): string => String((asked += 1));
    await using device = deviceOf("alice", server.url(), { token });
    const run = device.client.run({ agent: "wait", threadId: "thread" });

    await expect.poll(() => asked, { interval: 20, timeout: 4000 }).toBe(2);
    server.agents.release();

    expect(await run.ended).toEqual({ status: "finished" });
    expect(device.changes).toContainEqual(
      expect.objectContaining({ state: "waiting", code: 4514 }),
    );
    expect(asked).toBe(2);
    expect(seqsOf((await readAll(run)).events)).toEqual([1, 2, 3, 4]);
  });

  it("that the app can't give just now is asked for later", async () => {
    await using server = await startServer();
    let asked = 0;
    const token = async (): Promise<string> => {
      asked += 1;
      if (asked === 1) throw new Error("offline");
      return signToken("alice");
    };
    await using device = deviceOf("alice", server.url(), { token });

    await expect.poll(() => device.client.state, SOON).toBe("ready");
    expect(device.errors).toMatchObject([{ message: "offline" }]);
  });

  it("that is a ticket opens one line, and the next line gets another", async () => {
    await using server = await startServer();
    await using proxy = await startCuttingProxy(server.port);
    let asked = 0;
    const ticket = async (): Promise<string> => {
      asked += 1;
      const headers = { authorization: `Bearer ${await signToken("alice")}` };
      const address = `http://127.0.0.1:${server.port}/tickets`;
      const answer = await fetch(address, { method: "POST", headers });
      return ((await answer.json()) as { readonly ticket: string }).ticket;
    };
    await using device = new TestDevice({ url: proxy.url, ticket });
    const run = device.client.run({ agent: "wait", threadId: "thread" });
    await expect.poll(() => device.events.length, SOON).toBe(2);

    proxy.cutAll();
    await expect.poll(() => device.times("ready"), SOON).toBe(2);
    server.agents.release();

    expect(seqsOf((await readAll(run)).events)).toEqual([1, 2, 3, 4]);
    expect(asked).toBe(2);
  });
});

describe("a session that was revoked", () => {
  it("is left: the client comes back in a new one, and its run is told as cancelled", async () => {
    await using server = await startServer();
    await using device = deviceOf("alice", server.url());
    const run = device.client.run({ agent: "wait", threadId: "thread" });
    await expect.poll(() => device.events.length, SOON).toBe(2);
    const session = device.client.session!;

    await server.runtime.sessions.revoke(createUserContext({ userId: "alice" }), session);

    expect(await run.ended).toEqual({ status: "cancelled" });
    expect(seqsOf((await readAll(run)).events)).toEqual([1, 2, 3]);
    expect(device.client.session).not.toBe(session);
  });
});

describe("closing", () => {
  it("is done once, tells everybody, and leaves nothing open", async () => {
    await using server = await startServer();
    await using device = deviceOf("alice", server.url());
    const run = device.client.run({ agent: "wait", threadId: "thread", runId: randomUUID() });
    await expect.poll(() => device.events.length, SOON).toBe(2);

    await Promise.all([device.client.close(), device.client.close()]);
    await device.client.close();

    expect(await device.client.closed).toEqual({ by: "app" });
    expect(device.client.state).toBe("closed");
    expect(device.times("closed")).toBe(1);
    expect(await run.ended).toMatchObject({ status: "lost" });
    await expect.poll(() => server.runtime.health().connections, SOON).toBe(0);
    expect((await device.client.events().next()).done).toBe(true);
    expect(server.agents.left.size).toBe(0);
  });

  it("works from within a callback, and before there ever was a line", async () => {
    await using server = await startServer();
    await using device = deviceOf("alice", server.url(), {
      onStateChange: ({ state }) => void (state === "ready" && device.client.close()),
    });
    await using early = deviceOf("alice", server.url(), {
      token: () => {
        void early.client.close();
        return "token";
      },
    });

    expect(await device.client.closed).toEqual({ by: "app" });
    expect(await early.client.closed).toEqual({ by: "app" });
    await early.client.close();
  });
});

describe("options", () => {
  it.each([
    ["no address", { url: "nowhere" }],
    ["an address of another kind", { url: "ftp://host/ws" }],
    ["no WebSocket", { webSocket: undefined }],
    ["both proofs", { ticket: () => "ticket" }],
    ["a time of 0", { heartbeatMs: 0 }],
    ["a position that is none", { after: "" }],
    ["a callback that is none", { onIncident: 7 }],
  ])("(%s) are refused at once", (_, options) => {
    expect(() => deviceOf("alice", "ws://localhost/ws", options as never)).toThrow(
      expect.objectContaining({ code: "WT_OPTION_INVALID" }),
    );
  });

  it("of a run are checked too", async () => {
    await using server = await startServer();
    await using device = deviceOf("alice", server.url());
    const { client } = device;

    expect(() => client.run({ agent: "echo", threadId: "" })).toThrow(/threadId/);
    expect(() => client.run({ agent: "echo", threadId: "t", runId: "\u0000" })).toThrow(/runId/);
    const input = { state: 1n };
    expect(() => client.run({ agent: "echo", threadId: "t", input })).toThrow(/input/);
  });
});
