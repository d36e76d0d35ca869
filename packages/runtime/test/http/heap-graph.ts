import { getHeapSnapshot } from "node:v8";

interface Snapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly edge_types: readonly [readonly string[]];
    };
  };
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
  readonly strings: readonly string[];
}

/** What Node itself hangs everybody's sockets and timers on; no user's object leads over it on purpose. */
const NODE_LINKS: ReadonlySet<string> = new Set(["server", "_server", "_idleNext", "_idlePrev"]);
/** What every object has of its class. */
const CLASS_LINKS: ReadonlySet<string> = new Set(["__proto__", "map", "constructor"]);
const FIELDS_OF_EDGE = 3;
const NAME_FIELD = 1;

/** Every object in this process, and what holds what. */
export class HeapGraph {
  readonly #heap: Snapshot;
  readonly #size: number;
  readonly #firstEdge: readonly number[];

  constructor(heap: Snapshot) {
    const fields = heap.snapshot.meta.node_fields;
    this.#heap = heap;
    this.#size = fields.length;
    const first = [0];
    const count = fields.indexOf("edge_count");
    for (let node = 0; node < heap.nodes.length; node += this.#size) {
      first.push((first.at(-1) ?? 0) + (heap.nodes[node + count] ?? 0));
    }
    this.#firstEdge = first;
  }

  /** The nodes of that class. */
  named(name: string): readonly number[] {
    return [...this.#firstEdge.keys()].slice(0, -1).filter((node) => this.nameOf(node) === name);
  }

  nameOf(node: number): string {
    return this.#heap.strings[this.#heap.nodes[node * this.#size + NAME_FIELD] ?? 0] ?? "";
  }

  /** What the property of that name holds. */
  property(node: number, name: string): number | undefined {
    return this.#edges(node).find((edge) => edge.type === "property" && edge.label === name)?.to;
  }

  /** How `from` leads to `to`, in words, or `undefined` if it does not. */
  path(from: number, to: number): string | undefined {
    const cameBy = new Map<number, string>([[from, this.nameOf(from)]]);
    // A map lists its keys in the order of their coming, those that come meanwhile too.
    for (const [node, path] of cameBy) {
      if (node === to) return path;
      for (const edge of this.#edges(node)) {
        if (edge.type === "weak" || NODE_LINKS.has(edge.label) || CLASS_LINKS.has(edge.label))
          continue;
        const name = this.nameOf(edge.to);
        if (cameBy.has(edge.to) || /^system \/ (Map|Native)/.test(name)) continue;
        cameBy.set(edge.to, `${path} > ${edge.label} ${name.slice(0, 40)}`);
      }
    }
    return undefined;
  }

  #edges(node: number): { type: string; label: string; to: number }[] {
    const { snapshot, edges, strings } = this.#heap;
    const found = [];
    for (let i = this.#firstEdge[node] ?? 0; i < (this.#firstEdge[node + 1] ?? 0); i += 1) {
      const [kind = 0, label = 0, to = 0] = edges.slice(
        i * FIELDS_OF_EDGE,
        (i + 1) * FIELDS_OF_EDGE,
      );
      const type = snapshot.meta.edge_types[0][kind] ?? "";
      const text = type === "element" || type === "hidden" ? String(label) : (strings[label] ?? "");
      found.push({ type, label: text, to: to / this.#size });
    }
    return found;
  }
}

/** Takes a picture of the heap of this process. */
export async function takeHeapGraph(): Promise<HeapGraph> {
  const chunks: Buffer[] = [];
  for await (const chunk of getHeapSnapshot()) chunks.push(chunk as Buffer);
  return new HeapGraph(JSON.parse(Buffer.concat(chunks).toString()) as Snapshot);
}
