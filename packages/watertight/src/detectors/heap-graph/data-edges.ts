import { classOf, isOwnScript, scriptOf } from "./named-place.ts";
import type { HeapSnapshot, NameSet } from "./snapshot.ts";
import type { SnapshotColumns } from "./snapshot-reader.ts";

/** Things that only the machine sees, and that lead from everywhere to everywhere. */
const MACHINERY: readonly string[] = Object.freeze([
  "code",
  "synthetic",
  "native",
  "number",
  "symbol",
  "bigint",
]);

/** What a function has from the engine beside what it closes over. */
const MACHINE_EDGES: readonly string[] = Object.freeze(["feedback_cell", "shared", "code"]);

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
  if (!heap.isNamed(node, isLoopName)) return false;
  const constructor = classOf(heap, node);
  const script = constructor === undefined ? undefined : scriptOf(heap, constructor);
  return script === undefined || !isOwnScript(script);
}

/** Says whether an internal edge leads out of a WeakMap's table: what is in it is held by its key alone. */
export function isKeysEdge(name: string): boolean {
  return name.includes("part of key (");
}

/** Tells the edges by which the data of a program hangs together from those of the machine. */
export class DataEdges {
  readonly #heap: HeapSnapshot;
  readonly #columns: SnapshotColumns;
  readonly #internal: number;
  readonly #weak: number;
  readonly #array: number;
  readonly #shape: number;
  readonly #string: number;
  readonly #machinery: readonly boolean[];
  readonly #machineEdges: NameSet;
  readonly #keysEdges: NameSet;
  readonly #mapEdges: NameSet;
  readonly #descriptorEdges: NameSet;
  readonly #descriptors: NameSet;
  readonly #loopNames: NameSet;

  constructor(heap: HeapSnapshot) {
    const { nodeTypes } = heap.columns;
    this.#heap = heap;
    this.#columns = heap.columns;
    this.#internal = heap.edgeKind("internal");
    this.#weak = heap.edgeKind("weak");
    this.#array = nodeTypes.indexOf("array");
    this.#string = nodeTypes.indexOf("string");
    this.#shape = nodeTypes.indexOf("object shape");
    this.#machinery = nodeTypes.map((type) => MACHINERY.includes(type));
    this.#machineEdges = heap.names(isMachineEdge);
    this.#keysEdges = heap.names(isKeysEdge);
    this.#mapEdges = heap.names(isMapEdge);
    this.#descriptorEdges = heap.names(isDescriptorEdge);
    this.#descriptors = heap.names(isDescriptorArray);
    this.#loopNames = heap.names(isLoopName);
  }

  /** Says whether a walk over the data of the program may take this edge; a weak one never. */
  has(edge: number, from: number): boolean {
    const { edgeType, edgeName, edgeTo, nodeType, nodeName } = this.#columns;
    const to = edgeTo[edge] as number;
    const type = nodeType[to] as number;
    if (this.#machinery[type] === true) return false;
    const isInternal = edgeType[edge] === this.#internal;
    const name = edgeName[edge] as number;
    if (isInternal && this.#machineEdges.has(name)) return false;
    if (isInternal && nodeType[from] === this.#array && this.#keysEdges.has(name)) return false;
    if (!this.#isOfNames(edge, from)) return false;
    if (type === this.#shape) return isInternal && this.#mapEdges.has(name);
    if (edgeType[edge] === this.#weak) return false;
    // The name of a string is its text, and there are many.
    return (
      type === this.#string ||
      !this.#loopNames.has(nodeName[to] as number) ||
      !isLoopObject(this.#heap, to)
    );
  }

  /** Of a hidden class only the names of the properties are data; the rest links it to its relatives. */
  #isOfNames(edge: number, from: number): boolean {
    const { nodeType, nodeName, edgeName, edgeType } = this.#columns;
    if (nodeType[from] !== this.#shape) return true;
    if (this.#descriptors.has(nodeName[from] as number)) return true;
    return edgeType[edge] === this.#internal && this.#descriptorEdges.has(edgeName[edge] as number);
  }
}

function isLoopName(name: string): boolean {
  return LOOP_OBJECTS.includes(name);
}

function isMachineEdge(name: string): boolean {
  return MACHINE_EDGES.includes(name);
}

function isMapEdge(name: string): boolean {
  return name === "map";
}

function isDescriptorEdge(name: string): boolean {
  return name === "descriptors";
}

function isDescriptorArray(name: string): boolean {
  return name === "system / DescriptorArray";
}
