import { beforeAll, expect, it, vi } from "vitest";
import { TableEntries } from "../../../src/detectors/heap-graph/table-entries.ts";
import type { HeapSnapshot } from "../../../src/detectors/heap-graph/snapshot.ts";
import { fixture, snapshotOf } from "./snapshot-of.ts";

// Processes take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let entries: ReadonlyMap<string, number> = new Map();

beforeAll(async () => {
  const { heap } = await snapshotOf(fixture("tables.mjs"), { users: 1 });
  entries = entriesByProperty(heap);
});

/** By property of the program's `Tables`, how many entries its value has. */
function entriesByProperty(heap: HeapSnapshot): ReadonlyMap<string, number> {
  const found = new Map<number, number>();
  new TableEntries(heap).each(({ node, entries }) => found.set(node, entries));
  for (let node = 0; node < heap.nodeCount; node += 1) {
    const isTables = heap.nameOf(node) === "Tables" && heap.typeOf(node) === "object";
    if (!isTables || heap.target(node, "property", "emptied") === undefined) continue;
    const properties = [...heap.edgesFrom(node)].filter(({ kind }) => kind === "property");
    return new Map(properties.map(({ name, to }) => [name, found.get(to) ?? 0]));
  }
  throw new Error("Expected an instance of Tables");
}

it.each([
  ["mapOfObjects", 50],
  ["mapByNumber", 50],
  ["mapOfNumbers", 50],
  ["setOfTexts", 50],
  ["arrayOfObjects", 50],
  ["arrayWithHoles", 50],
  ["objectOfObjects", 50],
  ["objectByNumber", 50],
  ["objectOfTexts", 50],
  ["objectOfBooleans", 50],
  ["withoutPrototype", 50],
  ["emptied", 0],
  ["halved", 25],
])("the entries of %s are counted: %i", (property, count) => {
  expect(entries.get(property)).toBe(count);
});

it("a set of numbers looks empty: a snapshot leaves numbers out", () => {
  expect(entries.get("setOfNumbers")).toBe(0);
});
