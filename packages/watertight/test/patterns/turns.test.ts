import { describe, expect, it } from "vitest";
import { takeTurns } from "../../src/patterns/turns.ts";

describe("turns", () => {
  it("give one step to one user at a time, forwards and then backwards", async () => {
    const log: string[] = [];
    const walk = (name: string) => async (pass: () => Promise<void>) => {
      for (let step = 0; step < 3; step += 1) {
        await pass();
        log.push(`${name}${step} begins`);
        await new Promise((resolve) => setTimeout(resolve, 2));
        log.push(`${name}${step} ends`);
      }
    };

    await takeTurns([walk("a"), walk("b"), walk("c")]);

    const order = ["a0", "b0", "c0", "c1", "b1", "a1", "a2", "b2", "c2"];
    expect(log).toEqual(order.flatMap((step) => [`${step} begins`, `${step} ends`]));
  });

  it("are passed over by who waits for what somebody else does later", async () => {
    const said: string[] = [];
    let hear: () => void = () => {};
    const heard = new Promise<void>((resolve) => (hear = resolve));

    await takeTurns([
      async (pass) => {
        await pass();
        await heard;
        said.push("heard");
      },
      async (pass) => {
        await pass();
        await pass();
        hear();
        said.push("spoke");
      },
    ]);

    expect(said).toEqual(["spoke", "heard"]);
  });

  it("end for all when one fails", async () => {
    const done: string[] = [];
    const failing = async (pass: () => Promise<void>): Promise<void> => {
      await pass();
      throw new Error("failed");
    };
    const other = async (pass: () => Promise<void>): Promise<void> => {
      await pass();
      await pass();
      done.push("other");
    };

    await expect(takeTurns([failing, other])).rejects.toThrow("failed");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(done).toEqual(["other"]);
  });

  it("of nobody end at once", async () => {
    await expect(takeTurns([])).resolves.toBeUndefined();
  });
});
