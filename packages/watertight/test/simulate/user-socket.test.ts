import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { SimulatedUser } from "../../src/simulate/simulated-user.ts";
import { endings, play, serve, serveUpgrade } from "./round-of-users.ts";

describe("a user's socket", () => {
  it("records every byte that arrives, text and binary, in order", async () => {
    const frames = [Buffer.from("text"), randomBytes(70_000), Buffer.alloc(0), randomBytes(3)];
    const baseUrl = await serve({
      onSocket: (socket) => {
        frames.forEach((frame, place) => socket.send(frame, { binary: place > 0 }));
        socket.close(1000);
      },
    });

    const { capture } = await play(
      baseUrl,
      async (user) => void (await (await user.webSocket("/")).closed),
      { users: 1 },
    );

    expect(capture.received.map(({ bytes }) => bytes)).toEqual(frames);
    expect(capture.received.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(new Set(capture.received.map(({ connection }) => connection))).toEqual(
      new Set(["user-00/socket-1"]),
    );
  });

  it("sends text and bytes as they are and anything else as JSON, in the order in which it was said", async () => {
    const { capture } = await play(
      await serve(),
      async (user) => {
        const socket = await user.webSocket("/");
        socket.send("text");
        socket.send({ a: 1 });
        socket.send(Buffer.from([1, 2]));
        await socket.find(({ bytes }) => bytes.equals(Buffer.from([1, 2])), user.signal);
      },
      { users: 1 },
    );

    expect(capture.received.map(({ bytes }) => bytes.toString())).toEqual([
      "text",
      '{"a":1}',
      "\u0001\u0002",
    ]);
  });

  it("that the server refuses rejects with its status", async () => {
    const url = await serveUpgrade((socket) => socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n"));

    const refused = await play(url, async (user) => void (await user.webSocket("/")), { users: 1 });

    expect(endings(refused)).toEqual([
      `Expected a WebSocket at ${url.replace("http", "ws")}/, got: Unexpected server response: 401`,
    ]);
  });

  it("records what the answer to the handshake says, whether it is a yes or a no", async () => {
    const answers = [
      "503 Busy\r\nx-last: a\r\n\r\nbusy with b",
      "101 Switching Protocols\r\nx-last: c\r\n\r\n",
    ];
    for (const [place, heard] of [["x-last: a", "busy with b"], ["x-last: c"]].entries()) {
      const url = await serveUpgrade((socket) => socket.end(`HTTP/1.1 ${answers[place]}`));
      const open = async (user: SimulatedUser): Promise<void> => void (await user.webSocket("/"));

      const { capture } = await play(url, open, { users: 1 });

      const text = capture.received.map(({ bytes }) => bytes.toString()).join("");
      for (const words of heard) expect(text).toContain(words);
      expect(capture.received[0]?.connection).toBe("user-00/socket-1/handshake");
      expect(capture.received[0]?.answer?.request).toBe("GET /");
    }
  });

  it("finds a frame that came before one asked for it", async () => {
    const played = await play(
      await serve(),
      async (user) => {
        const socket = await user.webSocket("/");
        socket.send("first");
        await socket.find(({ bytes }) => bytes.toString() === "first", user.signal);
        const again = await socket.find(({ bytes }) => bytes.toString() === "first", user.signal);
        expect(again).toBe(socket.received[0]);
      },
      { users: 1 },
    );

    expect(endings(played)).toEqual(["ok"]);
  });

  it("tells listeners of what comes from then on, until they unregister", async () => {
    const heard: string[] = [];
    const played = await play(
      await serve(),
      async (user) => {
        const socket = await user.webSocket("/");
        const hear = (text: string) =>
          socket.find(({ bytes }) => bytes.toString() === text, user.signal);
        const stop = socket.onReceived(({ bytes }) => {
          heard.push(`a ${bytes.toString()}`);
          stop();
          // Whoever registers in the middle of a frame hears the next one.
          socket.onReceived((next) => heard.push(`b ${next.bytes.toString()}`));
        });
        socket.send("1");
        await hear("1");
        socket.send("2");
        await hear("2");
      },
      { users: 1 },
    );

    expect(endings(played)).toEqual(["ok"]);
    expect(heard).toEqual(["a 1", "b 2"]);
  });

  it("leaves as a client should, and is cut when it has to be", async () => {
    const codes: number[] = [];
    const baseUrl = await serve({
      onSocket: (socket) => socket.on("close", (code) => codes.push(code)),
    });
    const ends: number[] = [];

    await play(
      baseUrl,
      async (user) => {
        const [left, cut] = [await user.webSocket("/"), await user.webSocket("/")];
        cut.terminate();
        await cut.closed;
        await user.leave();
        ends.push((await left.closed).code);
        expect([left.isOpen, cut.isOpen]).toEqual([false, false]);
      },
      { users: 1 },
    );

    expect(ends).toEqual([1000]);
    expect(codes.toSorted((a, b) => a - b)).toEqual([1000, 1006]);
  });
});
