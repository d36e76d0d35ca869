import { readColumns, type SnapshotColumns, type SnapshotReadOptions } from "./snapshot-reader.ts";
import type { StringTable } from "./string-table.ts";

/** Edges are numbers, too; ask the snapshot what one is. */
export interface HeapEdge {
  /** Its number in the snapshot. */
  readonly id: number;
  readonly kind: string;
  /** The name, or the index of an element. */
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** A heap snapshot as a graph of numbered nodes. */
export class HeapSnapshot {
  readonly #columns: SnapshotColumns;
  readonly #numbered: readonly boolean[];
  #firstRetainer: Uint32Array | undefined;
  #retainers = new Uint32Array(0);
  #edgeFrom = new Uint32Array(0);

  constructor(columns: SnapshotColumns) {
    this.#columns = columns;
    this.#numbered = columns.edgeTypes.map((kind) => kind === "element" || kind === "hidden");
  }

  get nodeCount(): number {
    return this.#columns.nodeType.length;
  }

  get strings(): StringTable {
    return this.#columns.strings;
  }

  typeOf(node: number): string {
    return this.#columns.nodeTypes[this.#columns.nodeType[node] as number] ?? "";
  }

  nameOf(node: number): string {
    return this.strings.at(this.#columns.nodeName[node] as number);
  }

  /** The index of a node's name; to compare many names with one, compare this. */
  nameIndexOf(node: number): number {
    return this.#columns.nodeName[node] as number;
  }

  /** The canaries in a string node; none in any other. */
  canariesIn(node: number): readonly string[] {
    return this.strings.canaries.get(this.nameIndexOf(node)) ?? NONE;
  }

  /** Everything that a node refers to, weak references left out. */
  *edgesFrom(node: number): Generator<HeapEdge> {
    const { firstEdge } = this.#columns;
    for (let edge = firstEdge[node] as number; edge < (firstEdge[node + 1] as number); edge += 1) {
      if (!this.#isWeak(edge)) yield this.#edge(edge, node);
    }
  }

  /** Everything that refers to a node, weak references left out. */
  *edgesTo(node: number): Generator<HeapEdge> {
    const first = (this.#firstRetainer ??= this.#indexRetainers());
    for (let place = first[node] as number; place < (first[node + 1] as number); place += 1) {
      const edge = this.#retainers[place] as number;
      if (!this.#isWeak(edge)) yield this.#edge(edge, this.#edgeFrom[edge] as number);
    }
  }

  /** The edge of that number. */
  edge(id: number): HeapEdge {
    this.#firstRetainer ??= this.#indexRetainers();
    return this.#edge(id, this.#edgeFrom[id] as number);
  }

  /** Where the first edge of that kind and one of those names leads to; `undefined` if there is none. */
  target(node: number, kind: string, ...names: readonly string[]): number | undefined {
    for (const edge of this.edgesFrom(node)) {
      if (edge.kind === kind && names.includes(edge.name)) return edge.to;
    }
    return undefined;
  }

  #isWeak(edge: number): boolean {
    return this.#columns.edgeTypes[this.#columns.edgeType[edge] as number] === "weak";
  }

  #edge(edge: number, from: number): HeapEdge {
    const { edgeType, edgeTypes, edgeName, edgeTo } = this.#columns;
    const type = edgeType[edge] as number;
    const name = edgeName[edge] as number;
    return {
      id: edge,
      kind: edgeTypes[type] ?? "",
      name: this.#numbered[type] === true ? String(name) : this.strings.at(name),
      from,
      to: edgeTo[edge] as number,
    };
  }

  /** Sorts the edges by where they lead (counting sort), so that the graph can be walked backwards. */
  #indexRetainers(): Uint32Array {
    const { edgeTo, firstEdge } = this.#columns;
    const first = new Uint32Array(this.nodeCount + 1);
    for (const to of edgeTo) first[to + 1] = (first[to + 1] as number) + 1;
    for (let node = 0; node < this.nodeCount; node += 1) {
      first[node + 1] = (first[node + 1] as number) + (first[node] as number);
    }
    const next = first.slice();
    this.#retainers = new Uint32Array(edgeTo.length);
    this.#edgeFrom = new Uint32Array(edgeTo.length);
    for (let node = 0; node < this.nodeCount; node += 1) {
      for (
        let edge = firstEdge[node] as number;
        edge < (firstEdge[node + 1] as number);
        edge += 1
      ) {
        const to = edgeTo[edge] as number;
        this.#edgeFrom[edge] = node;
        this.#retainers[next[to] as number] = edge;
        next[to] = (next[to] as number) + 1;
      }
    }
    return first;
  }
}

const NONE: readonly string[] = Object.freeze([]);

/** Reads a snapshot file. Throws if it is cut off. */
export async function readHeapSnapshot(
  path: string,
  options: SnapshotReadOptions,
): Promise<HeapSnapshot> {
  return new HeapSnapshot(await readColumns(path, options));
}
