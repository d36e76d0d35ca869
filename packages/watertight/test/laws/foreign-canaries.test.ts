import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { expectNoForeignCanaries } from "../../src/laws/foreign-canaries.ts";
import { type PlayedRound, playRound } from "../../src/laws/played-round.ts";
import { oneAfterAnother, overlap, type Pattern } from "../../src/patterns/pattern.ts";

type Answer = (sockets: ReadonlySet<WebSocket>, from: WebSocket, data: Buffer) => void;

/** Plays a round in which everybody says a secret to a server that answers in its own way. */
async function play(answer: Answer, options: { readonly pattern?: Pattern } = {}) {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => answer(sockets.clients, socket, data));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  try {
    return await playRound({
      baseUrl: `http://127.0.0.1:${port}`,
      users: 4,
      seed: 3,
      ...options,
      async scenario(user) {
        const socket = await user.webSocket("/");
        socket.send({ text: user.canary("text") });
        await user.expectOwn(socket, "text");
      },
    });
  } finally {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  }
}

const echo: Answer = (_, from, data) => from.send(data, { binary: false });
const broadcast: Answer = (all, _, data) => {
  for (const socket of all) socket.send(data, { binary: false });
};

describe("a played round", () => {
  it("holds against a server that answers to the right user, under each pattern", async () => {
    for (const pattern of [overlap, oneAfterAnother]) {
      const round = await play(echo, { pattern });
      expect(round.received).toHaveLength(4);
      expectNoForeignCanaries(round);
    }
  });

  it("is refused if a server tells everybody, with who received what", async () => {
    const round = await play(broadcast);
    expect(() => expectNoForeignCanaries(round)).toThrow(
      /user-0\d\/socket-1 frame \d carries "text" of user-0\d \(plain\)/,
    );
  });

  it("finds what was encoded", async () => {
    const round = await play((all, from, data) => {
      echo(all, from, data);
      for (const other of all) if (other !== from) other.send(data.toString("base64"));
    });
    expect(() => expectNoForeignCanaries(round)).toThrow("(base64)");
  });
});

describe("nothing is proved", () => {
  async function echoed(): Promise<PlayedRound> {
    return play(echo);
  }

  it("if somebody received nothing of their own", async () => {
    const { received, ...round } = await echoed();
    const others = received.filter(({ user }) => user !== 2);
    expect(() => expectNoForeignCanaries({ ...round, received: others })).toThrow(
      "1 of 4 did not, so nothing was proved. The first: user-02",
    );
  });

  it("if somebody failed", async () => {
    const { outcomes, ...round } = await echoed();
    const failed = [...outcomes, { error: new Error("no answer") }];
    expect(() => expectNoForeignCanaries({ ...round, outcomes: failed })).toThrow(
      "1 of 4 failed, so nothing was proved. The first: no answer",
    );
  });

  it("by a lone user", async () => {
    const { users, ...round } = await echoed();
    expect(() => expectNoForeignCanaries({ ...round, users: users.slice(0, 1) })).toThrow(
      "two users or more, got 1",
    );
  });
});
