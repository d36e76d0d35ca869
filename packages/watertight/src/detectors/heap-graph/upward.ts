import { isKeysEdge, isLoopObject } from "./data-edges.ts";
import { isGlobalObject, type NamedPlace, namePlace } from "./named-place.ts";
import type { HeapEdge, HeapSnapshot, NameSet } from "./snapshot.ts";

/** A named place of the program, and the way from it down to what was asked for. */
export interface Placed {
  readonly place: NamedPlace;
  readonly path: readonly HeapEdge[];
}

/** Only ways through these nodes count. */
export type Within = Pick<ReadonlySet<number>, "has">;

const MAX_VISITS = 50_000;
const START = -1;
/** By them an object is known to its class and its kin, and not held. */
const KINSHIP: readonly string[] = Object.freeze(["prototype", "constructor", "__proto__"]);
const MACHINE_LINKS: readonly string[] = Object.freeze([
  "back_pointer",
  "native_context",
  "extension",
]);

/**
 * Walks backwards from some nodes, nearest first, to the first variable, static field, export or
 * global on each way. Closure variables are noted on the way, and the walk goes on.
 */
export function placesAbove(
  heap: HeapSnapshot,
  nodes: Iterable<number>,
  within?: Within,
): readonly Placed[] {
  const upward = new Upward(heap);
  const { first, edges } = heap.retainers();
  const cameBy = new Map<number, number>();
  for (const node of nodes) cameBy.set(node, START);
  const places: Placed[] = [];
  for (const node of cameBy.keys()) {
    if (cameBy.size > MAX_VISITS) break;
    for (let at = first[node] as number; at < (first[node + 1] as number); at += 1) {
      const edge = edges[at] as number;
      const from = heap.sourceOf(edge);
      if (within?.has(from) === false || !upward.has(edge, from)) continue;
      const place = upward.mayName(edge) ? namePlace(heap, heap.edge(edge)) : undefined;
      if (place !== undefined && !isInternal(place)) {
        places.push(exportedPart({ place, path: downFrom(heap, cameBy, edge) }));
      }
      const goesOn = place === undefined || place.kind === "closure variable";
      if (goesOn && !cameBy.has(from)) cameBy.set(from, edge);
    }
  }
  return places;
}

/** Tells the edges by which something is held from those by which it is merely known. */
class Upward {
  readonly #heap: HeapSnapshot;
  readonly #kinds: readonly string[];
  readonly #kinship: NameSet;
  readonly #machineLinks: NameSet;
  readonly #keysEdges: NameSet;

  constructor(heap: HeapSnapshot) {
    this.#heap = heap;
    this.#kinds = heap.columns.edgeTypes;
    this.#kinship = heap.names(isKinship);
    this.#machineLinks = heap.names(isMachineLink);
    this.#keysEdges = heap.names(isKeysEdge);
  }

  has(edge: number, from: number): boolean {
    const heap = this.#heap;
    const kind = this.#kindOf(edge);
    const name = heap.columns.edgeName[edge] as number;
    const type = heap.typeOf(from);
    if (kind === "property" && this.#kinship.has(name)) return false;
    if (kind === "internal") {
      if (this.#kinship.has(name) || this.#machineLinks.has(name)) return false;
      if (type === "array" && this.#keysEdges.has(name)) return false;
    }
    if (type === "code" || type === "synthetic") return false;
    if (isLoopObject(heap, from)) return namePlace(heap, heap.edge(edge)) !== undefined;
    // A function holds what it closes over, and its statics; that it has methods holds nothing.
    if (type === "closure") return this.#isHeldByFunction(edge, kind);
    if (isGlobalObject(heap, from)) return kind === "property";
    // Of what refers to a hidden class only objects of that class count, not its relatives.
    return type !== "object shape" || kind === "internal";
  }

  /** Says whether an edge is of a kind that can stand for a name in the program. */
  mayName(edge: number): boolean {
    const kind = this.#kindOf(edge);
    return kind === "context" || kind === "property" || kind === "internal";
  }

  #isHeldByFunction(edge: number, kind: string): boolean {
    const { edgeName, edgeTo } = this.#heap.columns;
    if (kind === "internal") return this.#heap.strings.is(edgeName[edge] as number, "context");
    return kind === "property" && this.#heap.typeOf(edgeTo[edge] as number) !== "closure";
  }

  #kindOf(edge: number): string {
    return this.#kinds[this.#heap.columns.edgeType[edge] as number] ?? "";
  }
}

function isKinship(name: string): boolean {
  return KINSHIP.includes(name);
}

function isMachineLink(name: string): boolean {
  return MACHINE_LINKS.includes(name);
}

/** Of all that a CommonJS module exports, the part that the way goes through. */
function exportedPart({ place, path }: Placed): Placed {
  const [, part] = path;
  if (place.variable !== "exports" || part?.kind !== "property") return { place, path };
  return { place: { ...place, kind: "export", variable: part.name }, path: path.slice(1) };
}

function isInternal({ script }: NamedPlace): boolean {
  return script?.startsWith("node:") === true;
}

/** The way from a named place down to where the walk began. */
function downFrom(
  heap: HeapSnapshot,
  cameBy: ReadonlyMap<number, number>,
  edge: number,
): HeapEdge[] {
  const path: HeapEdge[] = [];
  let next = edge;
  while (next !== START) {
    const step = heap.edge(next);
    path.push(step);
    next = cameBy.get(step.to) ?? START;
  }
  return path;
}
