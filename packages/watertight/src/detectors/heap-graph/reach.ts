import type { HeapEdge, HeapSnapshot } from "./snapshot.ts";

/** Things that only the machine sees, and that lead from everywhere to everywhere. */
const MACHINERY: ReadonlySet<string> = Object.freeze(
  new Set(["code", "synthetic", "native", "number", "symbol", "bigint"]),
);

/**
 * Sockets, servers, timers and promise reactions belong to the event loop, which knows every user:
 * what lies behind them says nothing about who shares what.
 */
const LOOP_OBJECTS: ReadonlySet<string> = Object.freeze(
  new Set([
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
    "system / NativeContext",
    "system / PromiseReaction",
    "system / WeakCell",
    "system / FeedbackCell",
  ]),
);

/** Says whether a node belongs to the event loop rather than to the program. */
export function isLoopObject(heap: HeapSnapshot, node: number): boolean {
  return LOOP_OBJECTS.has(heap.nameOf(node));
}

/** Says whether a walk over the data of the program may take this edge. */
export function isDataEdge(heap: HeapSnapshot, { kind, name, to }: HeapEdge): boolean {
  if (name === "feedback_cell" || name === "shared" || name === "code") return false;
  const type = heap.typeOf(to);
  if (type === "object shape") return kind === "internal" && name === "map";
  return !MACHINERY.has(type) && !isLoopObject(heap, to);
}

/** A node that a walk has come to, and by which edge; the start has none. */
export interface Visit {
  readonly node: number;
  readonly by: HeapEdge | undefined;
}

/** Where a walk may go on from a node. */
export type Follow = (edge: HeapEdge, from: Visit) => boolean;

/**
 * Walks forward from some nodes, nearest first, along data edges that `follow` allows. Answers what
 * was visited, in order.
 */
export function reachFrom(
  heap: HeapSnapshot,
  start: readonly number[],
  follow: Follow,
): ReadonlyMap<number, Visit> {
  const visits = new Map<number, Visit>(start.map((node) => [node, { node, by: undefined }]));
  for (const visit of visits.values()) {
    for (const edge of edgesToFollow(heap, visit.node)) {
      if (visits.has(edge.to) || !isDataEdge(heap, edge) || !follow(edge, visit)) continue;
      visits.set(edge.to, { node: edge.to, by: edge });
    }
  }
  return visits;
}

/** The way from the start of a walk to a node. */
export function pathTo(visits: ReadonlyMap<number, Visit>, node: number): HeapEdge[] {
  const path: HeapEdge[] = [];
  let by = visits.get(node)?.by;
  while (by !== undefined) {
    path.unshift(by);
    by = visits.get(by.from)?.by;
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
