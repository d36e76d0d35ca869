import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString, writeHeapSnapshot } from "node:v8";
import { runInNewContext } from "node:vm";
import { SENTINEL } from "../canary.ts";
import { type HeapSnapshot, readHeapSnapshot } from "../detectors/heap-graph/snapshot.ts";

/** The heap of this process, and where some objects of it are. */
export interface OwnHeap {
  readonly heap: HeapSnapshot;
  /** The nodes of the objects that were asked for, in order. */
  readonly nodes: readonly number[];
}

const COLLECTIONS = 4;
/** The default cuts strings at 1,024 characters, and with them what stands behind. */
const STRING_LIMIT = 100_000;

/** Takes a snapshot of this process (of this thread, in a worker) and finds `objects` in it. */
export async function readOwnHeap(objects: readonly unknown[]): Promise<OwnHeap> {
  const folder = await mkdtemp(join(tmpdir(), "watertight-"));
  try {
    const file = join(folder, "own.heapsnapshot");
    const names = writeMarked(objects, file);
    const heap = await readHeapSnapshot(file, { sentinel: SENTINEL });
    return { heap, nodes: names.map((name) => nodeUnder(heap, name)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Collects garbage several times, with turns of the event loop between: finalizers and weak
 * references take turns.
 */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let round = 0; round < COLLECTIONS; round += 1) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Holds each object under a name that nothing else in the process has, while the snapshot is taken. */
function writeMarked(objects: readonly unknown[], file: string): readonly string[] {
  const mark = randomBytes(12).toString("hex");
  const holder = Object.fromEntries(objects.map((object, place) => [`${mark}_${place}`, object]));
  setFlagsFromString(`--heap-snapshot-string-limit=${STRING_LIMIT}`);
  writeHeapSnapshot(file);
  return Object.keys(holder);
}

function nodeUnder(heap: HeapSnapshot, name: string): number {
  const { edgeName, edgeType, edgeTo } = heap.columns;
  const wanted = heap.strings.indexOf(name);
  const property = heap.edgeKind("property");
  for (
    let edge = edgeName.indexOf(wanted);
    edge !== -1;
    edge = edgeName.indexOf(wanted, edge + 1)
  ) {
    if (edgeType[edge] === property) return edgeTo[edge] as number;
  }
  throw new Error("Expected the object in the snapshot that was taken with it in hand");
}
