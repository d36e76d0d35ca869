import { describe, expect, it } from "vitest";
import type { GrownClass } from "../../src/detectors/heap-graph/growth.ts";
import type { HeapSummary } from "../../src/detectors/heap-graph/summary.ts";
import { SoakMemory } from "../../src/suite/soak-memory.ts";
import { createBlindWitness, type Remains, type Witness } from "../../src/suite/witness.ts";

const MB = 1024 * 1024;
const MINUTE = 60_000;
const EMPTY_HEAP: HeapSummary = { lastId: 0, classes: new Map(), entriesOf: () => 0 };
const NOTHING: Remains = { classes: [], tables: [] };

/** A process in which so many bytes are in use after a window, and this is left behind. */
interface Process {
  readonly bytesAfter: (window: number) => number;
  readonly resourcesAfter?: (window: number) => readonly string[];
  /** What there is more of, if so many objects more count. */
  readonly remains?: (least: number) => Remains;
}

function createWitness(process: Process, window: number): Witness {
  const { bytesAfter, resourcesAfter = () => [], remains = () => NOTHING } = process;
  return {
    ...createBlindWitness(""),
    blindness: undefined,
    remember: async () => EMPTY_HEAP,
    needs: async () => ({ bytes: bytesAfter(window), resources: resourcesAfter(window) }),
    remains: async (_before, users) => remains(users),
  };
}

async function soak(process: Process, windows = 12, users = 50) {
  const memory = new SoakMemory({ releaseWithinMs: 1 });
  for (let window = 1; window <= windows; window += 1) {
    await memory.measure(createWitness(process, window), users, window * MINUTE);
  }
  return { memory, judgement: await memory.judge(createWitness(process, windows)) };
}

function grown(changes: Partial<GrownClass>): GrownClass {
  return {
    name: "Note",
    kind: "object",
    isOwn: true,
    before: 2,
    after: 62,
    perUser: 1,
    bytesPerUser: 100,
    holders: [],
    ...changes,
  };
}

describe("memory over the windows of a soak", () => {
  it("that stays as it is passes, with the numbers", async () => {
    const { memory, judgement } = await soak({ bytesAfter: (window) => 30 * MB + (window % 3) });

    expect(judgement).toMatchObject({ observations: [] });
    expect(judgement.inconclusive).toBeUndefined();
    expect(judgement.shown).toContain("500 users came and left in 10 windows");
    expect(memory.memory?.afterLeaving).toHaveLength(11);
    expect(memory.perHour?.slope).toBeCloseTo(0, -2);
  });

  it("that grows with every user, by objects that are there, is a finding", async () => {
    const { memory, judgement } = await soak({
      bytesAfter: (window) => 30 * MB + window * 50 * 4000,
      remains: (least) => (least <= 500 ? { classes: [grown({})], tables: [] } : NOTHING),
    });

    expect(judgement.observations).toMatchObject([{ kind: "heap-growth", tier: "retained" }]);
    expect(memory.memory?.perUserLeft?.slope).toBe(4000);
    expect(memory.perHour?.slope).toBeCloseTo(60 * 50 * 4000, -1);
  });

  it("that grows by something that one user in ten leaves is looked for, too", async () => {
    const { judgement } = await soak({
      bytesAfter: (window) => 30 * MB + window * 50 * 4000,
      remains: (least) => (least <= 60 ? { classes: [grown({})], tables: [] } : NOTHING),
    });

    expect(judgement.observations).toMatchObject([{ kind: "heap-growth" }]);
    expect(judgement.observations[0]?.title).toContain("0.1 Note");
  });

  it("that grows by megabytes which no object explains is no pass", async () => {
    const { judgement } = await soak({ bytesAfter: (window) => 30 * MB + window * 50 * 4000 });

    expect(judgement.observations).toEqual([]);
    expect(judgement.inconclusive).toMatch(/4000 bytes a user, 1 MB or more.*no kind of object/);
  });

  it("that grew in the first two windows only has warmed up", async () => {
    const { judgement } = await soak({ bytesAfter: (window) => Math.min(window, 2) * 50 * MB });

    expect(judgement).toMatchObject({ observations: [] });
    expect(judgement.inconclusive).toBeUndefined();
  });

  it("with a handle more for each user is a finding", async () => {
    const { judgement } = await soak({
      bytesAfter: () => 30 * MB,
      resourcesAfter: (window) => Array.from({ length: window * 50 }, () => "Timeout"),
    });

    expect(judgement.observations).toMatchObject([{ kind: "handle-leak" }]);
  });

  it("of few users is judged by what somebody holds, or has written, alone", async () => {
    const classes = (changes: Partial<GrownClass>) => ({
      bytesAfter: (window: number) => 30 * MB + window * 8 * 4000,
      remains: () => ({ classes: [grown(changes)], tables: [] }),
    });

    const engine = await soak(classes({ name: "Object", isOwn: false }), 6, 8);
    expect(engine.judgement.observations).toEqual([]);
    const own = await soak(classes({}), 6, 8);
    expect(own.judgement.observations).toHaveLength(1);
    const many = await soak(classes({ name: "Object", isOwn: false }), 12, 50);
    expect(many.judgement.observations).toHaveLength(1);
  });

  it("that was measured too seldom, or not at all, is not judged", async () => {
    const { judgement } = await soak({ bytesAfter: () => MB }, 5);
    expect(judgement.inconclusive).toContain("fewer than 5");

    const memory = new SoakMemory({ releaseWithinMs: 1 });
    const blind = createBlindWitness("no Node");
    expect(await memory.measure(blind, 5, 0)).toBeUndefined();
    expect((await memory.judge(blind)).inconclusive).toBe("no Node");
    expect(memory.memory).toBeNull();
  });

  it("begins anew after a look that makes all before incomparable", async () => {
    const { memory } = await soak({ bytesAfter: () => 30 * MB });
    const process = { bytesAfter: () => 80 * MB };
    memory.startAgain();
    expect((await memory.judge(createWitness(process, 0))).inconclusive).toContain("0 times");
    for (let window = 13; window <= 17; window += 1) {
      await memory.measure(createWitness(process, window), 50, window * MINUTE);
    }

    const judgement = await memory.judge(createWitness(process, 17));
    expect(judgement).toMatchObject({ observations: [] });
    expect(judgement.shown).toContain("200 users came and left in 4 windows");
    expect(memory.memory?.afterLeaving).toHaveLength(5);
  });

  it("is no slope an hour after less than five minutes", async () => {
    const { memory } = await soak({ bytesAfter: () => MB }, 6);
    expect(memory.perHour).toBeNull();
  });

  it("takes no more room after twenty thousand windows", async () => {
    const { memory } = await soak({ bytesAfter: (window) => 30 * MB + window }, 20_000);
    expect(memory.memory?.afterLeaving.length).toBeLessThanOrEqual(120);
  });
});
