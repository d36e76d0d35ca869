import type { HeldBuffer } from "../../target/probe/messages.ts";
import { readColumns, type SnapshotColumns, type SnapshotReadOptions } from "./snapshot-reader.ts";
import type { StringTable } from "./string-table.ts";

/** An edge of the graph, as a person would ask for it. */
export interface HeapEdge {
  /** Its number in the snapshot. */
  readonly id: number;
  readonly kind: string;
  /** The name, or the index of an element. */
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/**
 * A heap snapshot as a graph of numbered nodes and edges. Whoever visits millions of them goes over
 * `columns`; whoever visits a few asks for edges as objects.
 */
export class HeapSnapshot {
  readonly columns: SnapshotColumns;
  readonly #numbered: readonly boolean[];
  readonly #weak: number;
  readonly #buffers = new Map<number, readonly string[]>();
  readonly #nameSets = new Map<(name: string) => boolean, NameSet>();
  readonly #answers = new Map<(heap: HeapSnapshot) => unknown, unknown>();

  constructor(columns: SnapshotColumns, buffers: readonly HeldBuffer[] = []) {
    this.columns = columns;
    this.#numbered = columns.edgeTypes.map((kind) => kind === "element" || kind === "hidden");
    this.#weak = columns.edgeTypes.indexOf("weak");
    if (buffers.length === 0) return;
    const byId = new Map(buffers.map(({ nodeId, canaries }) => [nodeId, canaries]));
    for (const [node, id] of columns.nodeId.entries()) {
      const canaries = byId.get(id);
      if (canaries !== undefined) this.#buffers.set(node, canaries);
    }
  }

  get nodeCount(): number {
    return this.columns.nodeType.length;
  }

  get strings(): StringTable {
    return this.columns.strings;
  }

  /** By node, the canaries in the bytes of a buffer. */
  get buffers(): ReadonlyMap<number, readonly string[]> {
    return this.#buffers;
  }

  typeOf(node: number): string {
    return this.columns.nodeTypes[this.columns.nodeType[node] as number] ?? "";
  }

  nameOf(node: number): string {
    return this.strings.at(this.columns.nodeName[node] as number);
  }

  /** The canaries in the text of a string node or the bytes of a buffer; none in any other. */
  canariesIn(node: number): readonly string[] {
    const inText = this.strings.canaries.get(this.columns.nodeName[node] as number);
    return inText ?? this.#buffers.get(node) ?? NONE;
  }

  /** The names that `test` accepts. It is asked once for each name, however many nodes have it. */
  names(test: (name: string) => boolean): NameSet {
    const known = this.#nameSets.get(test);
    if (known !== undefined) return known;
    const names = new NameSet(this.strings, test);
    this.#nameSets.set(test, names);
    return names;
  }

  /** Says whether `test` accepts a node's name; the answer is kept for all nodes of that name. */
  isNamed(node: number, test: (name: string) => boolean): boolean {
    return this.names(test).has(this.columns.nodeName[node] as number);
  }

  /** The number of a kind of edge in the columns; -1 if this version of V8 has none of it. */
  edgeKind(kind: string): number {
    return this.columns.edgeTypes.indexOf(kind);
  }

  /** Everything that a node refers to, weak references left out. */
  *edgesFrom(node: number): Generator<HeapEdge> {
    const { firstEdge, edgeType } = this.columns;
    for (let edge = firstEdge[node] as number; edge < (firstEdge[node + 1] as number); edge += 1) {
      if (edgeType[edge] !== this.#weak) yield this.#edge(edge, node);
    }
  }

  /** Everything that refers to a node, weak references left out. */
  *edgesTo(node: number): Generator<HeapEdge> {
    const { first, edges } = this.retainers();
    for (let place = first[node] as number; place < (first[node + 1] as number); place += 1) {
      yield this.edge(edges[place] as number);
    }
  }

  /** `edges` from `first[n]` to `first[n + 1]` are those that lead to node `n`, weak ones left out. */
  retainers(): Retainers {
    return this.once(indexRetainers);
  }

  /** What `ask` says of this snapshot, which never changes: it is asked once, and its answer kept. */
  once<T>(ask: (heap: HeapSnapshot) => T): T {
    if (!this.#answers.has(ask)) this.#answers.set(ask, ask(this));
    return this.#answers.get(ask) as T;
  }

  /** The edge of that number. */
  edge(id: number): HeapEdge {
    return this.#edge(id, this.sourceOf(id));
  }

  /** The node that an edge comes from. */
  sourceOf(edge: number): number {
    const { firstEdge } = this.columns;
    let low = 0;
    let high = this.nodeCount;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((firstEdge[middle] as number) <= edge) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Where the first edge of that kind and one of those names leads to; `undefined` if there is none. */
  target(node: number, kind: string, ...names: readonly string[]): number | undefined {
    const { firstEdge, edgeType, edgeName, edgeTo } = this.columns;
    const wanted = this.edgeKind(kind);
    const isNumbered = this.#numbered[wanted] === true;
    for (let edge = firstEdge[node] as number; edge < (firstEdge[node + 1] as number); edge += 1) {
      if (edgeType[edge] !== wanted) continue;
      const name = edgeName[edge] as number;
      const isIt = isNumbered
        ? names.includes(String(name))
        : names.some((text) => this.strings.is(name, text));
      if (isIt) return edgeTo[edge] as number;
    }
    return undefined;
  }

  #edge(edge: number, from: number): HeapEdge {
    const { edgeType, edgeTypes, edgeName, edgeTo } = this.columns;
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
}

/** The edges of a snapshot, sorted by where they lead. */
export interface Retainers {
  readonly first: Uint32Array;
  readonly edges: Uint32Array;
}

const NONE: readonly string[] = Object.freeze([]);

/** A set of names, by their index in the table of strings, of which each is looked at once. */
export class NameSet {
  readonly #strings: StringTable;
  readonly #test: (name: string) => boolean;
  /** 0: not yet asked; 1: no; 2: yes. */
  readonly #known: Uint8Array;

  constructor(strings: StringTable, test: (name: string) => boolean) {
    this.#strings = strings;
    this.#test = test;
    this.#known = new Uint8Array(strings.length);
  }

  has(name: number): boolean {
    const known = this.#known[name];
    if (known !== 0) return known === 2;
    const isIn = this.#test(this.#strings.at(name));
    this.#known[name] = isIn ? 2 : 1;
    return isIn;
  }
}

/** Sorts the edges by where they lead (counting sort), so that the graph can be walked backwards. */
function indexRetainers(heap: HeapSnapshot): Retainers {
  const { edgeTo, edgeType, nodeType } = heap.columns;
  const weak = heap.edgeKind("weak");
  const first = new Uint32Array(nodeType.length + 1);
  for (let edge = 0; edge < edgeTo.length; edge += 1) {
    const to = edgeTo[edge] as number;
    if (edgeType[edge] !== weak) first[to] = (first[to] as number) + 1;
  }
  let sum = 0;
  for (let node = 0; node < first.length; node += 1) {
    sum += first[node] as number;
    first[node] = sum;
  }
  // Filled from behind, each place moves from the end of its share to the start.
  const edges = new Uint32Array(sum);
  for (let edge = edgeTo.length - 1; edge >= 0; edge -= 1) {
    if (edgeType[edge] === weak) continue;
    const to = edgeTo[edge] as number;
    const place = (first[to] as number) - 1;
    first[to] = place;
    edges[place] = edge;
  }
  return { first, edges };
}

/** How a snapshot is read, and what is known of its process beside it. */
export interface HeapSnapshotOptions extends SnapshotReadOptions {
  /** What the buffers held when the snapshot was taken. Default: nothing is known of them. */
  readonly buffers?: readonly HeldBuffer[];
}

/** Reads a snapshot file. Throws if it is cut off. */
export async function readHeapSnapshot(
  path: string,
  { buffers = [], ...options }: HeapSnapshotOptions,
): Promise<HeapSnapshot> {
  return new HeapSnapshot(await readColumns(path, options), buffers);
}
