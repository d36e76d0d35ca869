import { classOf, isOwnScript, scriptOf } from "./named-place.ts";
import type { HeapEdge, HeapSnapshot } from "./snapshot.ts";

/** Things that only the machine sees, and that lead from everywhere to everywhere. */
const MACHINERY: readonly string[] = Object.freeze([
  "code",
  "synthetic",
  "native",
  "number",
  "symbol",
  "bigint",
]);

/**
 * Sockets, servers, timers, promise reactions and the process with its listeners belong to the event
 * loop, which knows every user: what lies behind them says nothing about who shares what.
 */
const LOOP_OBJECTS: readonly string[] = Object.freeze([
  "Socket",
  "TLSSocket",
  "Server",
  "WebSocket",
  "WebSocketServer",
  "Http2Session",
  "IncomingMessage",
  "ServerResponse",
  "HTTPParser",
  "TCP",
  "Pipe",
  "Timeout",
  "Immediate",
  "Module",
  "process",
  "system / NativeContext",
  "system / PromiseReaction",
  "system / WeakCell",
  "system / FeedbackCell",
]);

/**
 * Says whether a node belongs to the event loop rather than to the program. A class of the
 * application's own that happens to be called `Server` or `Socket` does not.
 */
export function isLoopObject(heap: HeapSnapshot, node: number): boolean {
  if (!LOOP_OBJECTS.includes(heap.nameOf(node))) return false;
  const constructor = classOf(heap, node);
  const script = constructor === undefined ? undefined : scriptOf(heap, constructor);
  return script === undefined || !isOwnScript(script);
}

/** Says whether an edge leads out of a WeakMap's table: what is in it is held by its key alone. */
export function isHeldByKey(heap: HeapSnapshot, { kind, name, from }: HeapEdge): boolean {
  return kind === "internal" && name.includes("part of key (") && heap.typeOf(from) === "array";
}

/** Says whether a walk over the data of the program may take this edge. */
export function isDataEdge(heap: HeapSnapshot, edge: HeapEdge): boolean {
  const { kind, name, to } = edge;
  if (name === "feedback_cell" || name === "shared" || name === "code") return false;
  if (isHeldByKey(heap, edge)) return false;
  const type = heap.typeOf(to);
  if (type === "object shape") return kind === "internal" && name === "map";
  return !MACHINERY.includes(type) && !isLoopObject(heap, to);
}

/** Says where a walk may go on; `before` is the edge by which it came to `edge.from`. */
export type Follow = (edge: HeapEdge, before: HeapEdge | undefined) => boolean;

/** What a walk has visited, nearest first, and how it came there. */
export interface Reach {
  readonly has: (node: number) => boolean;
  readonly nodes: () => Iterable<number>;
  /** The way from the start of the walk to a node. */
  readonly pathTo: (node: number) => readonly HeapEdge[];
}

export interface WalkOptions {
  readonly follow: Follow;
  /** Default: 1,000,000. A walk over a large heap ends there; what is nearest was seen by then. */
  readonly maxVisits?: number;
}

const START = -1;

/** Walks forward from some nodes, nearest first, along data edges that `follow` allows. */
export function reachFrom(
  heap: HeapSnapshot,
  start: readonly number[],
  { follow, maxVisits = 1_000_000 }: WalkOptions,
): Reach {
  const cameBy = new Map<number, number>(start.map((node) => [node, START]));
  for (const [node, by] of cameBy) {
    if (cameBy.size > maxVisits) break;
    const before = by === START ? undefined : heap.edge(by);
    for (const edge of edgesToFollow(heap, node)) {
      if (cameBy.has(edge.to) || !isDataEdge(heap, edge) || !follow(edge, before)) continue;
      cameBy.set(edge.to, edge.id);
    }
  }
  return {
    has: (node) => cameBy.has(node),
    nodes: () => cameBy.keys(),
    pathTo: (node) => pathTo(heap, cameBy, node),
  };
}

function pathTo(
  heap: HeapSnapshot,
  cameBy: ReadonlyMap<number, number>,
  node: number,
): readonly HeapEdge[] {
  const path: HeapEdge[] = [];
  let by = cameBy.get(node) ?? START;
  while (by !== START) {
    const edge = heap.edge(by);
    path.unshift(edge);
    by = cameBy.get(edge.from) ?? START;
  }
  return path;
}

/** Of a hidden class only the names of the properties are data; the rest links it to its relatives. */
function* edgesToFollow(heap: HeapSnapshot, node: number): Generator<HeapEdge> {
  const isShape = heap.typeOf(node) === "object shape";
  const isNames = isShape && heap.nameOf(node) === "system / DescriptorArray";
  for (const edge of heap.edgesFrom(node)) {
    if (!isShape || isNames || edge.name === "descriptors") yield edge;
  }
}
