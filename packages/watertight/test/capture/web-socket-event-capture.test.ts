import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CanaryBook } from "../../src/canary.ts";
import { WebSocketEventCapture } from "../../src/capture/web-socket-event-capture.ts";

const bytes = Buffer.from("x");
const arrival = (connection: string) => ({ user: 0, connection, bytes });

describe("a capture", () => {
  it("numbers what arrives by connection, and tells when", () => {
    let nowMs = 1000;
    const capture = new WebSocketEventCapture(() => nowMs);

    nowMs = 1005;
    capture.record(arrival("a"));
    capture.record(arrival("b"));
    nowMs = 1010;
    const last = capture.record(arrival("a"));

    expect(last).toEqual({ user: 0, connection: "a", bytes, index: 1, atMs: 10 });
    expect(capture.received.map(({ index, atMs }) => [index, atMs])).toEqual([
      [0, 5],
      [0, 5],
      [1, 10],
    ]);
  });

  it("knows for how long nobody has received anything, from the beginning", () => {
    let nowMs = 0;
    const capture = new WebSocketEventCapture(() => nowMs);
    nowMs = 40;
    expect(capture.silentForMs).toBe(40);

    capture.record(arrival("a"));
    nowMs = 45;
    expect(capture.silentForMs).toBe(5);
  });
});

describe("quiet", () => {
  it("is over when nothing has arrived for the time asked for, counted from the question", async () => {
    let nowMs = 0;
    const capture = new WebSocketEventCapture(() => nowMs);
    nowMs = 500;
    let isQuiet = false;
    const quiet = capture.quiet({ quietMs: 30, maxMs: 10_000 }).then(() => (isQuiet = true));

    await new Promise((resolve) => setTimeout(resolve, 60));
    // The silence before the question does not count: on this clock no time has passed since.
    expect(isQuiet).toBe(false);
    nowMs = 531;
    await quiet;
    expect(isQuiet).toBe(true);
  });

  it("waits anew after everything that arrives", async () => {
    let nowMs = 0;
    const capture = new WebSocketEventCapture(() => nowMs);
    let isQuiet = false;
    const quiet = capture.quiet({ quietMs: 20, maxMs: 10_000 }).then(() => (isQuiet = true));
    nowMs = 19;
    capture.record(arrival("a"));
    nowMs = 38;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isQuiet).toBe(false);

    nowMs = 39;
    await quiet;
    expect(isQuiet).toBe(true);
  });

  it("ends at the latest after the longest time, though frames still arrive", async () => {
    const capture = new WebSocketEventCapture();
    const timer = setInterval(() => capture.record(arrival(`news ${randomUUID()}`)), 5);
    const startedAt = performance.now();

    await capture.quiet({ quietMs: 100, maxMs: 150 });
    clearInterval(timer);

    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(149);
    expect(capture.silentForMs).toBeLessThan(100);
  });

  it("ends although a heartbeat goes on, and not while there is news", async () => {
    let nowMs = 0;
    const capture = new WebSocketEventCapture(() => nowMs);
    const says = (text: string): unknown =>
      capture.record({ user: 0, connection: "a", bytes: Buffer.from(text) });
    const canary = new CanaryBook().mint(0, "x");
    for (nowMs = 0; nowMs < 1000; nowMs += 100) says(`{"type":"beat","at":${nowMs}}`);

    expect(capture.newslessForMs).toBeGreaterThanOrEqual(700);
    expect(capture.silentForMs).toBe(100);
    expect(capture.received).toHaveLength(10);
    for (let time = 0; time < 9; time += 1) says(canary);
    expect(capture.newslessForMs).toBe(0);
  });

  it("does not take an answer that is still coming in for silence", () => {
    let nowMs = 0;
    const capture = new WebSocketEventCapture(() => nowMs);
    nowMs = 90;
    capture.stir();
    expect([capture.silentForMs, capture.newslessForMs]).toEqual([0, 0]);
  });

  it("ends at once when it is aborted", async () => {
    const capture = new WebSocketEventCapture();

    await capture.quiet({ quietMs: 60_000, maxMs: 60_000, signal: AbortSignal.abort() });
    await capture.quiet({ quietMs: 60_000, maxMs: 60_000, signal: AbortSignal.timeout(5) });

    expect(capture.received).toEqual([]);
  });
});
