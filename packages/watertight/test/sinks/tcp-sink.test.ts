import { connect, type Socket } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { type Running, startOne, textOf } from "./collected.ts";

async function open(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port });
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

async function taken({ take }: Running): Promise<ReturnType<Running["take"]>> {
  return vi.waitUntil(() => {
    const messages = take();
    return messages.length > 0 && messages;
  });
}

describe("a TCP sink", () => {
  it("records a connection as one message that grows, and says what is new of it", async () => {
    await using sink = await startOne({ kind: "tcp" });
    const socket = await open(sink.port);
    socket.write("first ");
    const [first] = await taken(sink);
    socket.write("second");
    const [second] = await taken(sink);

    expect(first).toMatchObject({ index: 0, newFrom: 0, what: "connection", addressee: [] });
    expect(textOf(first)).toBe("first ");
    expect(second).toMatchObject({ index: 0, newFrom: 6 });
    expect(textOf(second)).toBe("first second");
    expect(sink.take()).toEqual([]);
    socket.destroy();
  });

  it("tells connections apart, also those that have ended", async () => {
    await using sink = await startOne({ kind: "tcp" });
    const one = await open(sink.port);
    const two = await open(sink.port);
    one.end("of one");
    await new Promise((resolve) => one.once("close", resolve));
    two.write("of two");
    const texts = new Map<number, string>();
    await vi.waitUntil(() => {
      for (const message of sink.take()) texts.set(message.index, textOf(message));
      return texts.size === 2;
    });

    expect(Object.fromEntries(texts)).toEqual({ 0: "of one", 1: "of two" });
    two.destroy();
  });

  it("lets go of what was taken where a connection carries everybody, but for an overlap", async () => {
    await using sink = await startOne({ kind: "tcp", batches: true });
    const socket = await open(sink.port);
    socket.write("x".repeat(5000));
    let seen = 0;
    await vi.waitUntil(() => {
      for (const { bytes, newFrom } of sink.take()) seen += bytes.length - newFrom;
      return seen === 5000;
    });
    socket.write("second");
    const [second] = await taken(sink);

    expect(second?.bytes.length).toBeLessThan(5000);
    expect(textOf(second)).toMatch(/^x+second$/);
    socket.destroy();
  });
});
