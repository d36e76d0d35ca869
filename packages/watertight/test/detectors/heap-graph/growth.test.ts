import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  findGrowth,
  findGrownTables,
  type GrownClass,
  type GrownTable,
} from "../../../src/detectors/heap-graph/growth.ts";
import { type HeapSummary, summarizeHeap } from "../../../src/detectors/heap-graph/summary.ts";
import { fixture, lineOf, startProgram } from "./snapshot-of.ts";

// Processes take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

const WARM_UP = 5;
const USERS = 20;

async function compare(program: string) {
  await using running = await startProgram(fixture(program));
  await running.tell({ users: WARM_UP });
  const before: HeapSummary = summarizeHeap(await running.snapshot());
  await running.tell({ users: USERS });
  const after = await running.snapshot();
  return {
    classes: findGrowth(before, after, { perUser: USERS }),
    tables: findGrownTables(before, after, { perUser: USERS }),
  };
}

describe("what a server keeps of users who left", () => {
  let classes: readonly GrownClass[] = [];
  let tables: readonly GrownTable[] = [];

  beforeAll(async () => {
    ({ classes, tables } = await compare("growth.mjs"));
  });

  it.each([
    ["a class", "object", "Session", "private static", "Registry.#sessions", "static #sessions"],
    ["a listener", "listener", "onVisit", "module variable", "bus", "const bus"],
    ["a buffer", "buffer", "Buffer", "module variable", "uploads", "const uploads"],
  ])("is counted and found: %s", async (...row) => {
    const [, kind, name, place, variable, declaration] = row;
    const grown = classes.find((one) => one.name === name);

    expect(grown).toMatchObject({ kind, perUser: 1 });
    expect((grown?.after ?? 0) - (grown?.before ?? 0)).toBe(USERS);
    expect(grown?.holders[0]).toMatchObject({
      kind: place,
      variable,
      file: fixture("growth.mjs"),
      line: await lineOf("growth.mjs", declaration),
    });
  });

  it("is counted also where only the event loop holds it: a timer and what it calls", () => {
    expect(classes.find(({ kind }) => kind === "timer")).toMatchObject({
      name: "Timeout",
      isOwn: true,
      file: fixture("growth.mjs"),
      perUser: 1,
    });
    expect(classes.find(({ name }) => name === "heartbeat")).toMatchObject({
      kind: "closure",
      isOwn: true,
      perUser: 1,
    });
  });

  it("comes in the order in which one can act on it, without what the users took along", () => {
    const firstForeign = classes.findIndex(({ isOwn }) => !isOwn);

    expect(classes.slice(firstForeign).some(({ isOwn }) => isOwn)).toBe(false);
    expect(classes.slice(0, firstForeign).map(({ name }) => name)).toContain("Session");
    expect(classes.map(({ name }) => name)).not.toContain("Visitor");
  });

  it.each([
    ["Map", "private static", "Registry.#sessions", "#sessions → Map"],
    ["Map", "module variable", "visits", "visits → Map"],
    ["Set", "module variable", "registry", "registry → Registry → #byRoom → lobby → Set"],
    ["Array", "module variable", "uploads", "uploads → Array"],
    ["Array", "module variable", "lastNames", "lastNames → Array"],
    ["Array", "module variable", "bus", "bus → EventEmitter → _events → message → Array"],
    ["object", "module variable", "quota", "quota"],
  ])("fills a table: a %s of the %s %s", (kind, place, variable, path) => {
    const table = tables.find(({ holders }) => holders.some((one) => one.variable === variable));

    expect(table).toMatchObject({ kind, before: WARM_UP, after: WARM_UP + USERS });
    expect(table?.holders[0]).toMatchObject({ kind: place, variable, path, users: USERS });
  });

  it("fills no other table: not one that is emptied, made anew or was full before", () => {
    expect(tables.map(({ holders }) => String(holders[0]?.variable)).sort()).toEqual([
      "Registry.#sessions",
      "bus",
      "lastNames",
      "quota",
      "registry",
      "uploads",
      "visits",
    ]);
  });
});

describe("a server that keeps nothing of its users", () => {
  it("has no class of its own that grew, and no table", async () => {
    const { classes, tables } = await compare("forgetful.mjs");

    expect(classes.filter(({ isOwn }) => isOwn)).toEqual([]);
    expect(tables).toEqual([]);
  });
});

it("of two processes, or across a look into the buffers, no growth is told", async () => {
  await using running = await startProgram(fixture("forgetful.mjs"));
  await running.tell({ users: 1 });
  const before = summarizeHeap(await running.snapshotWithBuffers());
  const after = await running.snapshot();

  expect(() => findGrowth(before, after, { perUser: 1 })).toThrow("begins new numbers");
  expect(() => findGrownTables(before, after, { perUser: 1 })).toThrow("begins new numbers");
});
