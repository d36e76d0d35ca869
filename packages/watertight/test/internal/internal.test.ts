import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDeferred } from "../../src/internal/deferred.ts";
import { groupBy } from "../../src/internal/group-by.ts";
import { createRandom } from "../../src/internal/random.ts";
import { wait } from "../../src/internal/wait.ts";

describe("a source of random numbers", () => {
  it("gives the same numbers for a seed, all from 0 to below 1", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
        const [one, other] = [createRandom(seed), createRandom(seed)];
        const numbers = Array.from({ length: 50 }, () => one.next());

        expect(numbers).toEqual(Array.from({ length: 50 }, () => other.next()));
        expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
        expect(new Set(numbers).size).toBeGreaterThan(45);
      }),
    );
  });

  it("shuffles into any order, and changes nothing else", () => {
    const orders = new Set(
      Array.from({ length: 500 }, (_, seed) =>
        createRandom(seed).shuffle(["a", "b", "c"]).join(""),
      ),
    );

    expect([...orders].sort()).toEqual(["abc", "acb", "bac", "bca", "cab", "cba"]);
  });
});

describe("waiting", () => {
  it("ends early when it is aborted, and never rejects", async () => {
    const startedAt = performance.now();

    await wait(60_000, AbortSignal.abort());
    await wait(60_000, AbortSignal.timeout(5));
    await wait(1);

    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});

describe("a deferred", () => {
  it("that nobody awaits may reject", async () => {
    const deferred = createDeferred<number>();
    deferred.reject(new Error("nobody listens"));

    await expect(deferred.promise).rejects.toThrow("nobody listens");
  });
});

describe("grouping", () => {
  it("keeps every item, by key, in order of appearance", () => {
    const groups = groupBy(["bee", "ant", "bear"], (word) => word[0]);

    expect([...groups]).toEqual([
      ["b", ["bee", "bear"]],
      ["a", ["ant"]],
    ]);
  });
});
