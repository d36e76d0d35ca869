import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/internal/random.ts";
import { equalNames, lockstep, oneAfterAnother, overlap } from "../../src/patterns/pattern.ts";

/** Lets `users` take `steps` each under a pattern, and answers who stepped when. */
async function record(pattern: typeof lockstep, users: number, steps: number, seed = 1) {
  const log: string[] = [];
  const tasks = Array.from({ length: users }, (_, user) => async (pass: () => Promise<void>) => {
    for (let step = 0; step < steps; step += 1) {
      await pass();
      log.push(`${user}:${step}`);
    }
  });
  await pattern.schedule(tasks, createRandom(seed));
  return log;
}

describe("a pattern", () => {
  it("lockstep lets nobody take a step before all have taken the one before", async () => {
    const log = await record(lockstep, 5, 3);

    expect(log.map((entry) => entry.split(":")[1])).toEqual("000001111122222".split(""));
  });

  it("lockstep goes on when somebody is done early or fails", async () => {
    let reached = 0;
    const done = lockstep.schedule(
      [
        async (pass) => {
          await pass();
        },
        async (pass) => {
          await pass();
          await pass();
          reached += 1;
        },
      ],
      createRandom(1),
    );

    await done;

    expect(reached).toBe(1);
  });

  it("one after another begins with a user when the one before is done", async () => {
    expect(await record(oneAfterAnother, 3, 2)).toEqual(["0:0", "0:1", "1:0", "1:1", "2:0", "2:1"]);
  });

  it("overlap lets users take turns in the middle of each other's work", async () => {
    const log = await record(overlap, 6, 5);
    const firstEnd = log.findIndex((entry) => entry.endsWith(":4"));
    const started = new Set(log.slice(0, firstEnd).map((entry) => entry.split(":")[0]));

    expect(started.size).toBeGreaterThan(1);
    expect(log).toHaveLength(30);
  });

  it("of equal names is the only one in which users name things alike", () => {
    const patterns = [lockstep, oneAfterAnother, overlap, equalNames];

    expect(patterns.filter((pattern) => pattern.equalNames)).toEqual([equalNames]);
  });
});

describe("a seed", () => {
  it("repeats its numbers and its order", () => {
    const items = Array.from({ length: 50 }, (_, index) => index);

    expect(createRandom(42).shuffle(items)).toEqual(createRandom(42).shuffle(items));
    expect(createRandom(42).shuffle(items)).not.toEqual(createRandom(43).shuffle(items));
  });
});

describe("the same seed", () => {
  /** Who began in which order; how long each then takes is the machine's business. */
  async function beginnings(seed: number): Promise<number[]> {
    const began: number[] = [];
    const tasks = Array.from({ length: 8 }, (_, user) => async () => void began.push(user));
    await overlap.schedule(tasks, createRandom(seed));
    return began;
  }

  it("gives the same schedule, another seed another", async () => {
    expect(await beginnings(5)).toEqual(await beginnings(5));
    expect(await beginnings(5)).not.toEqual(await beginnings(6));
  });
});
