// Reads a snapshot in a process of its own and tells what it took. Usage: node heap-reader.js <reader> <file> <memlab's entry>
import { createRequire } from "node:module";
import { CLASS_NAME, ownerOf, type Reader, type Reading } from "./heap-messages.ts";

/** What the suite's own reader offers; it is no part of the package's public surface. */
interface Suite {
  readonly readHeapSnapshot: (file: string, options: { sentinel: string }) => Promise<Heap>;
  readonly findHolders: (heap: Heap, options: object) => readonly { readonly variable: string }[];
  readonly SingletonDetector: new (
    heap: Heap,
    owner: typeof ownerOf,
  ) => {
    detect(name: string): { readonly staticHolders: readonly { readonly variable: string }[] };
  };
}

interface Heap {
  readonly columns: { readonly nodeType: Uint8Array; readonly edgeType: Uint8Array };
}

/** What is used of memlab: the graph, the ways to the roots, and what each object keeps alive. */
interface Memlab {
  readonly utils: { getSnapshotFromFile(file: string, options: object): Promise<MemlabHeap> };
  readonly analysis: {
    preparePathFinder(heap: MemlabHeap): {
      getPathToGCRoots(heap: MemlabHeap, node: MemlabNode): object | undefined;
    };
  };
}

interface MemlabHeap {
  readonly nodes: { readonly length: number; forEach(visit: (node: MemlabNode) => void): void };
  readonly edges: { readonly length: number };
}

interface MemlabNode {
  readonly type: string;
  readonly name: string;
}

type Seen = Pick<Reading, "nodes" | "edges" | "loadSeconds" | "found">;

async function readOwn(reader: Reader, file: string): Promise<Seen> {
  const { readHeapSnapshot, findHolders, SingletonDetector } = await importSuite();
  const start = performance.now();
  const heap = await readHeapSnapshot(file, { sentinel: "wtcanary" });
  const loadSeconds = (performance.now() - start) / 1000;
  const holders =
    reader === "watertight"
      ? findHolders(heap, { ownerOf, minUsers: 2 })
      : new SingletonDetector(heap, ownerOf).detect(CLASS_NAME).staticHolders;
  const { nodeType, edgeType } = heap.columns;
  const found = holders.map(({ variable }) => variable);
  return { nodes: nodeType.length, edges: edgeType.length, loadSeconds, found };
}

async function importSuite(): Promise<Suite> {
  const folder = new URL("../../packages/watertight/dist/detectors/heap-graph/", import.meta.url);
  const parts = ["snapshot.js", "holders.js", "singleton-detector.js"].map(
    (name) => import(new URL(name, folder).href) as Promise<Suite>,
  );
  const [snapshot, holders, detector] = await Promise.all(parts);
  return { ...snapshot, ...holders, ...detector } as Suite;
}

async function readWithMemlab(file: string, entry: string): Promise<Seen> {
  const { utils, analysis } = createRequire(import.meta.url)(entry) as Memlab;
  const start = performance.now();
  const heap = await utils.getSnapshotFromFile(file, { buildNodeIdIndex: true });
  const loadSeconds = (performance.now() - start) / 1000;
  const finder = analysis.preparePathFinder(heap);
  let withWay = 0;
  heap.nodes.forEach((node) => {
    const isSecret = node.type === "string" && node.name.includes("wtcanary");
    if (isSecret && finder.getPathToGCRoots(heap, node) !== undefined) withWay += 1;
  });
  const { nodes, edges } = heap;
  return { nodes: nodes.length, edges: edges.length, loadSeconds, found: [String(withWay)] };
}

const [, , reader, file = "", entry = ""] = process.argv;
const start = performance.now();
const seen =
  reader === "memlab" ? await readWithMemlab(file, entry) : await readOwn(reader as Reader, file);
const { user, system } = process.cpuUsage();
const reading: Reading = {
  ...seen,
  seconds: (performance.now() - start) / 1000,
  cpuSeconds: (user + system) / 1e6,
  peakMegabytes: process.resourceUsage().maxRSS / 1024,
};
process.send?.(reading);
