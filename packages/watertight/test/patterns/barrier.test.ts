import { describe, expect, it } from "vitest";
import { Barrier } from "../../src/patterns/barrier.ts";

/** Lets everything go on that can. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("a barrier", () => {
  it("holds whoever arrives until all have, then lets all go in one tick", async () => {
    const barrier = new Barrier(3);
    const gone: string[] = [];
    void barrier.arrive().then(() => gone.push("a"));
    void barrier.arrive().then(() => gone.push("b"));
    await turn();
    expect(gone).toEqual([]);

    void barrier.arrive().then(() => gone.push("c"));
    queueMicrotask(() => queueMicrotask(() => gone.push("next")));
    await turn();

    expect(gone).toEqual(["a", "b", "c", "next"]);
  });

  it("lets the others go when a party leaves", async () => {
    const barrier = new Barrier(3);
    const both = Promise.all([barrier.arrive(), barrier.arrive()]);

    barrier.leave();

    await expect(both).resolves.toHaveLength(2);
  });

  it("can be passed again and again", async () => {
    const barrier = new Barrier(2);
    const order: string[] = [];
    const walk = async (name: string): Promise<void> => {
      for (let step = 0; step < 3; step += 1) {
        await barrier.arrive();
        order.push(`${step}${name}`);
      }
      barrier.leave();
    };

    await Promise.all([walk("a"), walk("b")]);

    expect(order).toEqual(["0a", "0b", "1a", "1b", "2a", "2b"]);
  });

  it("of one holds nobody", async () => {
    await expect(new Barrier(1).arrive()).resolves.toBeUndefined();
  });
});
