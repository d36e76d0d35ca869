import type { HeapSnapshot } from "./snapshot.ts";

/** What kinds of tables there are, as a person would call them. */
export type TableKind = "Map" | "Set" | "Array" | "object";

/** One table of a snapshot. */
export interface Table {
  readonly node: number;
  readonly kind: TableKind;
  /** How many entries it has, as far as the snapshot shows them. */
  readonly entries: number;
}

/** V8's ordered hash tables: three counters, the buckets, then the entries with a link each. */
const COUNTERS = 3;
const WORD_BYTES = 8;
const ARRAY_HEADER_BYTES = 16;
/** A table has half as many buckets as room for entries. */
const ENTRIES_PER_BUCKET = 2;

/**
 * Counts the entries of Maps, Sets, Arrays and of objects that are used as tables. Numbers, booleans
 * and holes leave no trace in a snapshot, so an Array or Set of numbers alone looks empty; an entry of
 * a Map is seen by its key or its value.
 */
export class TableEntries {
  readonly #heap: HeapSnapshot;
  readonly #kinds: Readonly<Record<"element" | "property" | "internal", number>>;
  readonly #types: Readonly<Record<"hidden" | "string" | "object", number>>;

  constructor(heap: HeapSnapshot) {
    const { nodeTypes } = heap.columns;
    this.#heap = heap;
    this.#kinds = {
      element: heap.edgeKind("element"),
      property: heap.edgeKind("property"),
      internal: heap.edgeKind("internal"),
    };
    this.#types = {
      hidden: nodeTypes.indexOf("hidden"),
      string: nodeTypes.indexOf("string"),
      object: nodeTypes.indexOf("object"),
    };
  }

  /** Calls `take` for every table of the snapshot that has entries. */
  each(take: (table: Table) => void): void {
    const { nodeType, nodeName } = this.#heap.columns;
    const [maps, sets, arrays] = [isMap, isSet, isArray].map((test) => this.#heap.names(test));
    for (let node = 0; node < nodeType.length; node += 1) {
      if (nodeType[node] !== this.#types.object) continue;
      const name = nodeName[node] as number;
      if (maps?.has(name) === true) this.#take(node, { kind: "Map", slots: 3, take });
      else if (sets?.has(name) === true) this.#take(node, { kind: "Set", slots: 2, take });
      else if (arrays?.has(name) === true) this.#take(node, { kind: "Array", slots: 0, take });
      else this.#take(node, { kind: "object", slots: 0, take });
    }
  }

  #take(
    node: number,
    { kind, slots, take }: { kind: TableKind; slots: number; take: (table: Table) => void },
  ): void {
    const table = slots === 0 ? undefined : this.#heap.target(node, "internal", "table");
    const entries = table === undefined ? this.#inObject(node, kind) : this.#inHash(table, slots);
    if (entries > 0) take({ node, kind, entries });
  }

  /** Each entry takes `slots` places, the last of which links it to the next of its bucket. */
  #inHash(table: number, slots: number): number {
    const { firstEdge, edgeType, edgeName, edgeTo, nodeType, selfSize } = this.#heap.columns;
    const words = ((selfSize[table] as number) - ARRAY_HEADER_BYTES) / WORD_BYTES;
    const buckets = (words - COUNTERS) / (1 + ENTRIES_PER_BUCKET * slots);
    let entries = 0;
    let last = -1;
    for (
      let edge = firstEdge[table] as number;
      edge < (firstEdge[table + 1] as number);
      edge += 1
    ) {
      if (edgeType[edge] !== this.#kinds.internal) continue;
      if (nodeType[edgeTo[edge] as number] === this.#types.hidden) continue;
      const place = this.#heap.strings.numberAt(edgeName[edge] as number);
      const entry = Math.floor((place - COUNTERS - buckets) / slots);
      if (place === -1 || entry < 0 || entry === last) continue;
      last = entry;
      entries += 1;
    }
    return entries;
  }

  /** Elements of an Array; of an object, its properties too if it keeps them in a table of its own. */
  #inObject(node: number, kind: TableKind): number {
    const { firstEdge, edgeType, edgeTo, edgeName, nodeType } = this.#heap.columns;
    const { element, property, internal } = this.#kinds;
    let elements = 0;
    let properties = 0;
    let keys = -1;
    for (let edge = firstEdge[node] as number; edge < (firstEdge[node + 1] as number); edge += 1) {
      const type = edgeType[edge];
      if (type === element) {
        if (nodeType[edgeTo[edge] as number] !== this.#types.hidden) elements += 1;
      } else if (type === property) properties += 1;
      else if (type === internal && this.#heap.strings.is(edgeName[edge] as number, "properties")) {
        keys = this.#textsIn(edgeTo[edge] as number);
      }
    }
    if (kind === "Array" || keys === -1) return elements;
    // Its prototype is no entry. Values that are numbers can't be seen, but their keys can.
    const named = properties - 1;
    return elements + (named * 2 >= keys ? named : keys);
  }

  #textsIn(table: number): number {
    const { firstEdge, edgeTo, nodeType } = this.#heap.columns;
    let texts = 0;
    for (
      let edge = firstEdge[table] as number;
      edge < (firstEdge[table + 1] as number);
      edge += 1
    ) {
      if (nodeType[edgeTo[edge] as number] === this.#types.string) texts += 1;
    }
    return texts;
  }
}

function isMap(name: string): boolean {
  return name === "Map";
}

function isSet(name: string): boolean {
  return name === "Set";
}

function isArray(name: string): boolean {
  return name === "Array";
}
