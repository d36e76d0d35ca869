import { describe, expect, it } from "vitest";
import { BackOff } from "../../src/client/back-off.ts";
import { EventQueue } from "../../src/client/event-queue.ts";
import { Outbox } from "../../src/client/outbox.ts";

async function read<T>(queue: EventQueue<T>): Promise<readonly (T | string)[]> {
  const items: (T | string)[] = [];
  try {
    for await (const item of queue) items.push(item);
  } catch (error) {
    items.push((error as { readonly code: string }).code);
  }
  return items;
}

describe("a queue of events", () => {
  it("keeps n−1 and n unread, and gives up all at n+1", async () => {
    for (const [count, expected] of [
      [2, [1, 2]],
      [3, [1, 2, 3]],
      [4, ["WT_READER_BEHIND"]],
    ] as const) {
      const queue = new EventQueue<number>(3);
      for (let item = 1; item <= count; item += 1) queue.push(item);
      queue.end();
      queue.push(99);
      expect(await read(queue), `${count}`).toEqual(expected);
    }
  });

  it("keeps nothing while somebody reads", async () => {
    const queue = new EventQueue<number>(1);
    const reading = read(queue);
    for (let item = 1; item <= 5; item += 1) {
      queue.push(item);
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
    }
    queue.end();

    expect(await reading).toEqual([1, 2, 3, 4, 5]);
  });

  it("tells what is left before its error, the error once, and that it takes no more once", async () => {
    let left = 0;
    const queue = new EventQueue<number>(3, () => (left += 1));
    queue.push(1);
    queue.end(Object.assign(new Error("e"), { code: "WT_TEST" }));
    queue.end();

    expect(await read(queue)).toEqual([1, "WT_TEST"]);
    expect(await queue.next()).toEqual({ done: true, value: undefined });
    await queue.return();
    expect(left).toBe(1);
  });

  it("ends everybody who waits when its reader has had enough", async () => {
    const queue = new EventQueue<number>(3);
    const waiting = [queue.next(), queue.next()];
    await queue.return();

    expect(await Promise.all(waiting)).toMatchObject([{ done: true }, { done: true }]);
  });
});

describe("pauses", () => {
  it("double up to the most, are anything below that, and begin anew after a success", () => {
    const most = new BackOff({ baseMs: 100, maxMs: 1000 }, () => 1);
    expect(Array.from({ length: 6 }, () => most.next())).toEqual([100, 200, 400, 800, 1000, 1000]);
    most.reset();
    expect(most.next()).toBe(100);

    const long = new BackOff({ baseMs: 1000, maxMs: 30_000 }, Math.random);
    const all = Array.from({ length: 2000 }, () => long.next());
    expect(Math.max(...all)).toBeLessThan(30_000);
    expect(Math.min(...all.slice(10))).toBeLessThan(3000);
  });
});

describe("an outbox", () => {
  it("sends at most half of what a second allows, in order, and the rest in the next one", async () => {
    let now = 0;
    const sent: string[] = [];
    const outbox = new Outbox(
      (frame) => sent.push(frame),
      () => now,
    );
    outbox.push(() => "lost: no line");
    outbox.open(6);
    for (const name of ["1", "2", "3", "4", "5"]) outbox.push(() => name);
    expect(sent).toEqual(["1", "2", "3"]);

    now = 999;
    await new Promise((resolve) => setTimeout(resolve, 1010));
    now = 1000;
    await expect.poll(() => sent, { timeout: 3000 }).toEqual(["1", "2", "3", "4", "5"]);
    outbox.close();
  });

  it("forgets what waits when the line is gone, and what need not be sent costs nothing", () => {
    const sent: string[] = [];
    const outbox = new Outbox(
      (frame) => sent.push(frame),
      () => 0,
    );
    outbox.open(2);
    outbox.push(() => undefined);
    outbox.push(() => "1");
    outbox.push(() => "2");
    outbox.open(2);
    outbox.push(() => "3");
    outbox.close();

    expect(sent).toEqual(["1", "3"]);
  });
});
