import type { HeapSnapshot } from "./snapshot.ts";
import { TableEntries } from "./table-entries.ts";

/** How many objects there are of one class, and how large they are by themselves. */
export interface Tally {
  readonly count: number;
  readonly bytes: number;
}

/** What is remembered of a snapshot, so that a later one of the same process can be compared with it. */
export interface HeapSummary {
  /** Objects with larger numbers are younger than the snapshot. */
  readonly lastId: number;
  /** By `classKey`. */
  readonly classes: ReadonlyMap<string, Tally>;
  /** How many entries a table had; 0 for one that wasn't there. */
  readonly entriesOf: (nodeId: number) => number;
  /** Names of some functions, by number, most of which a later snapshot has as well. Default: not checked. */
  readonly landmarks?: ReadonlyMap<number, string>;
}

/** Kinds of nodes whose name is that of a class or function. */
const COUNTED: readonly string[] = Object.freeze(["object", "closure", "regexp"]);
/** Nodes whose name is their text: all count as one class. */
const TEXTS: readonly string[] = Object.freeze(["string", "concatenated string", "sliced string"]);
/** Tables are packed into one number each: what they are, times this, plus how much is in them. */
const MAX_ENTRIES = 2 ** 20;
const LANDMARKS = 1000;

/** Remembers of a snapshot what growth is measured by: a few megabytes, where the snapshot has hundreds. */
export function summarizeHeap(heap: HeapSnapshot): HeapSummary {
  return {
    lastId: lastIdOf(heap),
    classes: tallyClasses(heap),
    entriesOf: rememberTables(heap),
    landmarks: findLandmarks(heap),
  };
}

/** Throws unless a snapshot numbers its objects as an earlier one of the same process did. */
export function assertComparable({ landmarks = new Map() }: HeapSummary, heap: HeapSnapshot): void {
  const { nodeId } = heap.columns;
  let left = 0;
  for (let node = 0; node < nodeId.length; node += 1) {
    const name = landmarks.get(nodeId[node] as number);
    if (name !== undefined && heap.nameOf(node) === name) left += 1;
  }
  if (left * 2 >= landmarks.size) return;
  throw new Error(
    `Expected two snapshots of one process with the same numbers for the same objects, but of ${landmarks.size} functions ${left} were found again. A look into its buffers in between begins new numbers.`,
  );
}

function findLandmarks(heap: HeapSnapshot): ReadonlyMap<number, string> {
  const { nodeType, nodeId, nodeTypes } = heap.columns;
  const landmarks = new Map<number, string>();
  const closure = nodeTypes.indexOf("closure");
  for (
    let node = nodeType.indexOf(closure);
    node !== -1 && landmarks.size < LANDMARKS;
    node = nodeType.indexOf(closure, node + 1)
  ) {
    const name = heap.nameOf(node);
    if (name !== "") landmarks.set(nodeId[node] as number, name);
  }
  return landmarks;
}

/** Names one class among all that a snapshot counts. */
export function classKey(type: string, name: string): string {
  return TEXTS.includes(type) ? "string" : `${type} ${name}`;
}

/** Says whether nodes of a type are counted. */
export function isCounted(type: string): boolean {
  return TEXTS.includes(type) || COUNTED.includes(type);
}

/** Counts the objects of each class, the functions of each name, and all texts together. */
export function tallyClasses(heap: HeapSnapshot): ReadonlyMap<string, Tally> {
  const { nodeType, nodeName, nodeTypes, selfSize } = heap.columns;
  const classes = new Map<string, Tally>();
  for (const [type, typeName] of nodeTypes.entries()) {
    if (!isCounted(typeName)) continue;
    const isText = TEXTS.includes(typeName);
    const counts = new Uint32Array(isText ? 1 : heap.strings.length);
    const bytes = new Float64Array(counts.length);
    for (let node = 0; node < nodeType.length; node += 1) {
      if (nodeType[node] !== type) continue;
      const name = isText ? 0 : (nodeName[node] as number);
      counts[name] = (counts[name] as number) + 1;
      bytes[name] = (bytes[name] as number) + (selfSize[node] as number);
    }
    for (const [name, count] of counts.entries()) {
      if (count === 0) continue;
      const key = classKey(typeName, isText ? "" : heap.strings.at(name));
      const { count: known = 0, bytes: knownBytes = 0 } = classes.get(key) ?? {};
      classes.set(key, { count: known + count, bytes: knownBytes + (bytes[name] as number) });
    }
  }
  return classes;
}

function lastIdOf(heap: HeapSnapshot): number {
  const { nodeId, nodeType, nodeTypes } = heap.columns;
  const outside = ["native", "synthetic"].map((type) => nodeTypes.indexOf(type));
  let last = 0;
  for (let node = 0; node < nodeId.length; node += 1) {
    // What is not on the heap is numbered in another way.
    if (outside.includes(nodeType[node] as number)) continue;
    last = Math.max(last, nodeId[node] as number);
  }
  return last;
}

function rememberTables(heap: HeapSnapshot): HeapSummary["entriesOf"] {
  const { nodeId } = heap.columns;
  const packed: number[] = [];
  new TableEntries(heap).each(({ node, entries }) => {
    packed.push((nodeId[node] as number) * MAX_ENTRIES + Math.min(entries, MAX_ENTRIES - 1));
  });
  const sorted = Float64Array.from(packed).sort();
  return (id) => {
    const found = sorted[firstFrom(sorted, id * MAX_ENTRIES)] ?? 0;
    return Math.floor(found / MAX_ENTRIES) === id ? found % MAX_ENTRIES : 0;
  };
}

/** The place of the first of some sorted numbers that is at least `least`. */
function firstFrom(sorted: Float64Array, least: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
