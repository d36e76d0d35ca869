import { describe, expect, it } from "vitest";
import { oneAfterAnother, overlap } from "../../src/patterns/pattern.ts";
import { endings, play, serve, serveSilence } from "./round-of-users.ts";

const NEVER = new Promise<never>(() => {});

describe("a round", () => {
  it("answers how each user's part ended, in the order of the users", async () => {
    const played = await play(
      await serve(),
      async (user) => {
        const socket = await user.webSocket("/");
        socket.send(user.canary("hello"));
        await user.expectOwn(socket, "hello");
      },
      { users: 5, pattern: overlap },
    );

    expect(endings(played)).toEqual(["ok", "ok", "ok", "ok", "ok"]);
    expect(played.outcomes.map(({ user }) => user.number)).toEqual([0, 1, 2, 3, 4]);
    expect(played.capture.received).toHaveLength(5);
  });

  it("in which a user throws goes on for everybody else", async () => {
    const played = await play(
      await serve(),
      async (user) => {
        const socket = await user.webSocket("/");
        if (user.number === 1) throw new Error("a bug in the scenario");
        socket.send(user.canary("hello"));
        await user.expectOwn(socket, "hello");
      },
      { users: 3 },
    );

    expect(endings(played)).toEqual(["ok", "a bug in the scenario", "ok"]);
  });

  it.each([
    ["throws", () => Promise.reject(new Error("wrong password"))],
    [
      "throws at once",
      () => {
        throw new Error("wrong password");
      },
    ],
  ])("in which a user's sign-in %s goes on for everybody else", async (_, refuse) => {
    const played = await play(await serve(), async (user) => void (await user.fetch("/")), {
      users: 3,
      signIn: ({ number }) => (number === 1 ? refuse() : {}),
    });

    expect(endings(played)).toEqual(["ok", "wrong password", "ok"]);
  });

  it("signs each user in with headers that go with every request and socket", async () => {
    const seen: string[] = [];
    const baseUrl = await serve({
      onRequest: (request, response) => {
        seen.push(`${request.headers.authorization} ${String(request.headers["x-more"])}`);
        response.end();
      },
    });

    await play(
      baseUrl,
      async (user) => void (await user.fetch("/", { headers: { "x-more": "1" } })),
      {
        signIn: ({ name }) => ({ headers: { authorization: `Bearer ${name}` } }),
      },
    );

    expect(seen.sort()).toEqual(["Bearer user-00 1", "Bearer user-01 1"]);
  });
});

describe("a round in which nothing moves any more", () => {
  const stalled = { stallMs: 200, timeoutMs: 60_000 };

  it.each([
    [
      "a handshake",
      async (user: { webSocket: (path: string) => Promise<unknown> }) =>
        void (await user.webSocket("/")),
    ],
    [
      "an answer",
      async (user: { fetch: (path: string) => Promise<unknown> }) => void (await user.fetch("/")),
    ],
    ["something of its own", () => NEVER],
  ])("is given up while everybody waits for %s", async (_, task) => {
    const played = await play(await serveSilence(), task, stalled);

    expect(played.outcomes.map(({ error }) => error)).toEqual([
      expect.any(Error),
      expect.any(Error),
    ]);
    expect(played.ms).toBeLessThan(2000);
  });

  it("is given up while a sign-in doesn't end", async () => {
    const played = await play(await serve(), async () => {}, {
      ...stalled,
      signIn: ({ number }) => (number === 1 ? NEVER : {}),
    });

    expect(endings(played)).toEqual([
      "ok",
      "user-01 still waited for something when the round was given up",
    ]);
  });

  it("is given up for those who wait in lockstep for one who never comes", async () => {
    const played = await play(
      await serve({ onSocket: () => {} }),
      async (user) => {
        const socket = await user.webSocket("/");
        if (user.number === 0) await user.expectOwn(socket, "nothing");
        else await (await user.webSocket("/")).closed;
      },
      stalled,
    );

    expect(endings(played)[0]).toBe("user-00/socket-1: the expected frame never came");
    expect(played.ms).toBeLessThan(2000);
  });

  it("leaves out those whose turn had not come", async () => {
    const played = await play(await serveSilence(), async (user) => void (await user.fetch("/")), {
      ...stalled,
      users: 3,
      pattern: oneAfterAnother,
    });

    expect(played.outcomes).toHaveLength(1);
  });

  it("is not given up as long as something moves", async () => {
    const baseUrl = await serve({
      onSocket: (socket) => {
        let beats = 0;
        const timer = setInterval(() => {
          beats += 1;
          socket.send(`beat ${beats}`);
          if (beats === 8) clearInterval(timer);
        }, 100);
      },
    });

    const played = await play(
      baseUrl,
      async (user) => {
        const socket = await user.webSocket("/");
        await socket.find(({ bytes }) => bytes.toString() === "beat 8", user.signal);
      },
      { stallMs: 500 },
    );

    expect(endings(played)).toEqual(["ok", "ok"]);
  });
});

it("a server whose heartbeat never ends can't hold a user for longer than a single wait may last", async () => {
  const timers = new Set<NodeJS.Timeout>();
  const baseUrl = await serve({
    onSocket: (socket) => void timers.add(setInterval(() => socket.send("beat"), 20)),
  });

  const played = await play(
    baseUrl,
    async (user) => {
      const socket = await user.webSocket("/");
      await user.expectOwn(socket, "nothing");
    },
    { timeoutMs: 300 },
  );
  for (const timer of timers) clearInterval(timer);

  expect(endings(played)[0]).toContain("the expected frame never came");
});

it("everybody gives up at once when the run is interrupted", async () => {
  const interrupt = new AbortController();
  const baseUrl = await serve({
    onSocket: (socket) => socket.on("message", () => interrupt.abort()),
  });

  const played = await play(baseUrl, () => NEVER, { signal: AbortSignal.timeout(50) });
  const other = await play(
    baseUrl,
    async (user) => {
      const socket = await user.webSocket("/");
      socket.send("hello");
      await user.expectOwn(socket, "nothing");
    },
    { signal: interrupt.signal },
  );

  expect(Math.max(played.ms, other.ms)).toBeLessThan(2000);
  expect(endings(other)).toEqual([
    expect.stringContaining("never came"),
    expect.stringContaining("never came"),
  ]);
});
