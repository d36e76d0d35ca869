import { describe, expect, it } from "vitest";
import { createUserContext } from "../../src/context/user-context.ts";
import { createMemoryRunQueue } from "../../src/drivers/memory/memory-run-queue.ts";
import { describeRunQueue } from "./run-queue-conformance.ts";

describeRunQueue("the memory run queue", (options) => createMemoryRunQueue(options));

describe("the memory run queue", () => {
  /** Milliseconds of 2,000 enqueues and claims beside `others` users who wait. */
  async function cost(others: number): Promise<number> {
    await using queue = createMemoryRunQueue();
    const [weight, maxClaimed] = [1, 1_000_000];
    for (let i = 0; i < others; i += 1) {
      const user = createUserContext({ userId: `other-${i}` });
      for (const id of ["1", "2", "3"]) await queue.enqueue({ user, id, weight, maxClaimed });
    }
    const user = createUserContext({ userId: "alice" });
    const startedAt = performance.now();
    for (let i = 0; i < 2000; i += 1) {
      await queue.enqueue({ user, id: String(i), weight, maxClaimed });
      await queue.claim();
    }
    return performance.now() - startedAt;
  }

  it("takes no more time because there are more other users", async () => {
    await cost(100);
    const [few, many] = [[], []] as [number[], number[]];
    for (let round = 0; round < 3; round += 1) {
      few.push(await cost(100));
      many.push(await cost(10_000));
    }

    // A hundred times the users; anything that grew with them would be far beyond this.
    expect(Math.min(...many)).toBeLessThan(10 * Math.min(...few) + 5);
  });

  it.each([{ maxWaitingRuns: 0 }, { leaseMs: 0 }, { now: 1 as never }])("refuses %j", (options) => {
    expect(() => createMemoryRunQueue(options)).toThrow(Object.keys(options)[0]);
  });
});
