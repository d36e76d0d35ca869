import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CanaryBook, SENTINEL } from "../../../src/canary.ts";
import { findHolders } from "../../../src/detectors/heap-graph/holders.ts";
import { type HeapSnapshot, readHeapSnapshot } from "../../../src/detectors/heap-graph/snapshot.ts";
import { fixture, snapshotOf } from "./snapshot-of.ts";

// Processes take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "watertight-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const META = {
  node_fields: ["type", "name", "id", "self_size", "edge_count", "detachedness"],
  node_types: [["hidden", "string", "object"], "string", "number", "number", "number", "number"],
  edge_fields: ["type", "name_or_index", "to_node"],
  edge_types: [["property", "element", "weak"], "string_or_number", "node"],
};

/** A chain of objects, one a string, each of which holds the next by a property of that name. */
function chainOf(strings: readonly string[]): string {
  const count = strings.length;
  const nodes = strings.map((_, place) => [
    2,
    place,
    place * 2 + 1,
    16,
    place + 1 < count ? 1 : 0,
    0,
  ]);
  const edges = strings.slice(1).map((_, place) => [0, place, (place + 1) * 6]);
  const snapshot = { meta: META, node_count: count, edge_count: count - 1 };
  // The engine writes all but ASCII as escapes.
  const texts = strings.map((text) =>
    JSON.stringify(text).replace(/[^\u0020-\u007F]/g, (letter) => {
      return `\\u${letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    }),
  );
  const head = `{"snapshot":${JSON.stringify(snapshot)},\n"nodes":[${nodes.join("\n,")}],\n`;
  const middle = `"edges":[${edges.join("\n,")}],\n"trace_tree":[],\n"locations":[1,2,3],\n`;
  return `${head}${middle}"strings":[${texts.join(",\n")}]}`;
}

async function read(text: string, chunkBytes?: number): Promise<HeapSnapshot> {
  const file = join(folder, "by-hand.heapsnapshot");
  await writeFile(file, text);
  return readHeapSnapshot(file, {
    sentinel: SENTINEL,
    ...(chunkBytes === undefined ? {} : { chunkBytes }),
  });
}

function describeGraph(heap: HeapSnapshot) {
  return Array.from({ length: heap.nodeCount }, (_, node) => ({
    type: heap.typeOf(node),
    name: heap.nameOf(node),
    canaries: heap.canariesIn(node),
    to: [...heap.edgesFrom(node)],
    from: [...heap.edgesTo(node)],
  }));
}

const TEXTS = fc.array(fc.string({ unit: "binary", maxLength: 12 }), {
  minLength: 1,
  maxLength: 12,
});

describe("a snapshot file", () => {
  it("gives the same graph however small the pieces are in which it is read", async () => {
    await fc.assert(
      fc.asyncProperty(TEXTS, fc.integer({ min: 1, max: 200 }), async (strings, chunkBytes) => {
        const text = chainOf(strings);
        const whole = describeGraph(await read(text));

        expect(whole.map(({ name }) => name)).toEqual(strings);
        expect(describeGraph(await read(text, chunkBytes))).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it("can be walked in both directions", async () => {
    const heap = await read(chainOf(["a", "b", "c"]));

    expect([...heap.edgesFrom(0)]).toEqual([
      { id: 0, kind: "property", name: "a", from: 0, to: 1 },
    ]);
    expect([...heap.edgesTo(2)]).toEqual([{ id: 1, kind: "property", name: "b", from: 1, to: 2 }]);
    expect(heap.edge(1)).toEqual([...heap.edgesTo(2)][0]);
    expect([...heap.edgesTo(0)]).toEqual([]);
    expect(heap.target(1, "property", "x", "b")).toBe(2);
    expect(heap.target(1, "property", "x")).toBeUndefined();
  });

  it("that is cut off anywhere is refused with a sentence that says so", async () => {
    const text = chainOf(["first", 'quoted "word"', "last\\"]);

    await fc.assert(
      fc.asyncProperty(fc.nat({ max: text.length - 3 }), async (length) => {
        await expect(read(text.slice(0, length), 64)).rejects.toThrow(
          "Expected a whole heap snapshot, got one that is cut off",
        );
      }),
      { numRuns: 40 },
    );
  });

  it("of a real process gives the same holders in pieces of a thousand bytes", async () => {
    const { heap, ownerOf } = await snapshotOf(fixture("singleton.mjs"), {
      users: 2,
      chunkBytes: 997,
    });

    expect(
      findHolders(heap, { ownerOf, minUsers: 2 })
        .map(({ variable }) => variable)
        .sort(),
    ).toEqual(["WebSocketManager.#instance", "sessions"]);
  });
});

describe("a string of a snapshot", () => {
  const plain = [
    "WebSocketManager",
    'a "quoted" word',
    "back\\slash",
    "line\nbreak",
    "Größe",
    "\u0007",
  ];

  it.each(plain)("%j is found by its text, whatever had to be escaped", async (text) => {
    const { strings } = await read(chainOf(["x", text, "y"]));

    expect(strings.at(1)).toBe(text);
    expect(strings.indexOf(text)).toBe(1);
  });

  it("that is not there has no index", async () => {
    const { strings } = await read(chainOf(["x", "WebSocket"]));

    expect(strings.indexOf("WebSocketManager")).toBe(-1);
    expect(strings.indexOf("")).toBe(-1);
  });

  it("is cut at 1,024 bytes, but its canaries are known to the last", async () => {
    const book = new CanaryBook();
    const tokens = [book.mint(0, "early"), book.mint(1, "late")];
    const text = `${tokens[0]}${"x".repeat(20_000)}${tokens[1]}`;

    const heap = await read(chainOf(["short", text]), 100);

    expect(heap.nameOf(1)).toBe(text.slice(0, 1024));
    expect(heap.canariesIn(1)).toEqual(tokens);
    expect(heap.canariesIn(0)).toEqual([]);
  });

  it("that holds the sentinel and no whole canary holds none", async () => {
    const heap = await read(chainOf([SENTINEL, `${SENTINEL}${"x".repeat(23)}`]));

    expect(heap.strings.canaries.size).toBe(0);
  });
});
