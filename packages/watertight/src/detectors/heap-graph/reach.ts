import { DataEdges } from "./data-edges.ts";
import type { HeapEdge, HeapSnapshot } from "./snapshot.ts";

/** Says whether a walk may go on from one node to another. */
export type Follow = (to: number, from: number) => boolean;

/** What a walk has visited, nearest first, and how it came there. */
export interface Reach {
  readonly has: (node: number) => boolean;
  readonly nodes: Uint32Array;
  /** The way from the start of the walk to a node. */
  readonly pathTo: (node: number) => readonly HeapEdge[];
}

export interface WalkOptions {
  readonly follow: Follow;
  /** Default: all. A walk over a large heap ends there; what is nearest was seen by then. */
  readonly maxVisits?: number;
}

/** In a walk's table of edges: not visited; where it began; else the edge that led there, plus two. */
const UNSEEN = 0;
const START = 1;
const BY_EDGE = 2;

/** Walks forward from some nodes, nearest first, along data edges that `follow` allows. */
export function reachFrom(
  heap: HeapSnapshot,
  start: readonly number[],
  { follow, maxVisits = heap.nodeCount }: WalkOptions,
): Reach {
  const { firstEdge, edgeTo } = heap.columns;
  const dataEdges = new DataEdges(heap);
  const cameBy = new Uint32Array(heap.nodeCount);
  const queue = new Uint32Array(heap.nodeCount);
  let length = 0;
  for (const node of start) {
    if (cameBy[node] === UNSEEN) queue[length++] = node;
    cameBy[node] = START;
  }
  for (let place = 0; place < length && length <= maxVisits; place += 1) {
    const node = queue[place] as number;
    for (let edge = firstEdge[node] as number; edge < (firstEdge[node + 1] as number); edge += 1) {
      const to = edgeTo[edge] as number;
      if (cameBy[to] !== UNSEEN || !dataEdges.has(edge, node) || !follow(to, node)) continue;
      cameBy[to] = edge + BY_EDGE;
      queue[length++] = to;
    }
  }
  return {
    has: (node) => cameBy[node] !== UNSEEN,
    nodes: queue.subarray(0, length),
    pathTo: (node) => pathTo(heap, cameBy, node),
  };
}

function pathTo(heap: HeapSnapshot, cameBy: Uint32Array, node: number): readonly HeapEdge[] {
  const path: HeapEdge[] = [];
  let by = cameBy[node] as number;
  while (by >= BY_EDGE) {
    const edge = heap.edge(by - BY_EDGE);
    path.unshift(edge);
    by = cameBy[edge.from] as number;
  }
  return path;
}
