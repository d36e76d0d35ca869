import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import { CanaryBook } from "../../src/canary.ts";
import { equalNames, lockstep } from "../../src/patterns/pattern.ts";
import { createIdentities, type SimulatedUser } from "../../src/simulate/simulated-user.ts";
import { endings, play, serve } from "./round-of-users.ts";

describe("identities", () => {
  it("are equally long, different, and carry a canary of their user", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1200 }), (count) => {
        const book = new CanaryBook();
        const identities = createIdentities(count, book);

        expect(new Set(identities.map(({ id }) => id.length)).size).toBe(1);
        expect(new Set(identities.map(({ id }) => id)).size).toBe(count);
        for (const { id, number, name } of identities) {
          expect(book.ownerOf(id.slice(name.length + 1))?.user).toBe(number);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe("the names that a user gives to things", () => {
  async function namesIn(pattern: typeof lockstep): Promise<{ names: string[]; book: CanaryBook }> {
    const names: string[] = [];
    const { book } = await play(
      await serve(),
      async (user) => void names.push(user.nameFor("thread"), user.nameFor("thread")),
      { users: 3, pattern },
    );
    return { names, book };
  }

  it("carry the user's canary, the same for the whole round", async () => {
    const { names, book } = await namesIn(lockstep);
    const owners = names.map((name) => book.ownerOf(name.replace("thread-r1-", ""))?.user);

    expect(owners).toEqual([0, 0, 1, 1, 2, 2]);
    expect(new Set(names).size).toBe(3);
  });

  it("are the same for all users in a round of equal names", async () => {
    const { names } = await namesIn(equalNames);

    expect(new Set(names)).toEqual(new Set(["thread-r1"]));
  });
});

describe("a user's request", () => {
  it("is answered, and head and body are recorded", async () => {
    const baseUrl = await serve({
      onRequest: (request, response) => {
        response.setHeader("x-secret", "in the head");
        response.setHeader("set-cookie", ["a=1", "b=2"]);
        let body = "";
        request.setEncoding("utf8").on("data", (text: string) => (body += text));
        request.on("end", () =>
          response.end(`${request.method} ${request.headers["content-type"]} ${body}`),
        );
      },
    });
    let answer = "";

    const { capture } = await play(
      baseUrl,
      async (user) => {
        const response = await user.fetch("/a", { method: "PUT", json: { motto: 1 } });
        answer = await response.text();
      },
      { users: 1 },
    );

    expect(answer).toBe('PUT application/json {"motto":1}');
    const [piece] = capture.received;
    expect(piece).toMatchObject({ user: 0, connection: "user-00/request-1", index: 0 });
    const text = piece?.bytes.toString("utf8");
    for (const part of [
      "x-secret: in the head\n",
      "set-cookie: a=1\n",
      "set-cookie: b=2\n",
      `\n\n${answer}`,
    ]) {
      expect(text).toContain(part);
    }
  });

  it.each([204, 304])("with an answer of status %i has no body", async (status) => {
    const baseUrl = await serve({ onRequest: (_, response) => response.writeHead(status).end() });
    const statuses: number[] = [];

    await play(baseUrl, async (user) => void statuses.push((await user.fetch("/")).status), {
      users: 1,
    });

    expect(statuses).toEqual([status]);
  });

  it("is not redirected: where to go is part of the answer", async () => {
    const baseUrl = await serve({
      onRequest: (_, response) => response.writeHead(302, { location: "/user/secret" }).end(),
    });

    const { capture } = await play(baseUrl, async (user) => void (await user.fetch("/")), {
      users: 1,
    });

    expect(capture.received[0]?.bytes.toString()).toContain("location: /user/secret");
    expect(capture.received).toHaveLength(1);
  });

  it.each([
    ["is cut off", (end: () => void) => end()],
    ["never ends", () => {}],
  ])("whose answer %s is recorded as far as it came, and rejects", async (_, then) => {
    const baseUrl = await serve({
      onRequest: (_request, response) => {
        response.write("the first half", () => then(() => response.destroy()));
      },
    });

    const played = await play(baseUrl, async (user) => void (await user.fetch("/")), {
      users: 1,
      timeoutMs: 300,
    });

    expect(endings(played)).not.toEqual(["ok"]);
    expect(played.capture.received[0]?.bytes.toString()).toContain("\n\nthe first half");
  });
});

describe("the control signal", () => {
  const expectOwn = async (user: SimulatedUser): Promise<void> => {
    const socket = await user.webSocket("/");
    socket.send(user.canary("question"));
    await user.expectOwn(socket, "question");
  };

  it("is the user's own canary", async () => {
    expect(endings(await play(await serve(), expectOwn))).toEqual(["ok", "ok"]);
  });

  it("is not somebody else's canary", async () => {
    const sockets: WebSocket[] = [];
    const baseUrl = await serve({
      onSocket: (socket) => {
        const number = sockets.push(socket) - 1;
        // Each of the two hears what the other says.
        socket.on("message", (data: Buffer) => sockets[1 - number]?.send(data));
      },
    });

    const played = await play(baseUrl, expectOwn, { timeoutMs: 400 });

    expect(played.capture.received).toHaveLength(2);
    expect(endings(played)).toEqual([
      "user-00/socket-1: the expected frame never came",
      "user-01/socket-1: the expected frame never came",
    ]);
  });

  it("is given up when the socket ends, with the reason, which is recorded like a frame", async () => {
    const baseUrl = await serve({
      onSocket: (socket) => socket.on("message", () => socket.close(1008, "go away")),
    });

    const played = await play(baseUrl, expectOwn, { users: 1 });

    expect(endings(played)).toEqual([
      "user-00/socket-1: the expected frame never came; the socket was closed with code 1008 (go away)",
    ]);
    expect(played.capture.received.map(({ bytes }) => bytes.toString())).toEqual(["go away"]);
  });
});

it("two users of one label have different canaries, one user has one a round", async () => {
  const tokens: string[] = [];
  await play(
    await serve(),
    async (user) => void tokens.push(user.canary("a"), user.canary("a"), user.canary("b")),
  );

  expect(tokens).toHaveLength(6);
  expect(new Set(tokens).size).toBe(4);
});
