import { open } from "node:fs/promises";
import { CanaryForms, FOUND } from "./canary-forms.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { StringTable } from "./string-table.ts";

/** The numbers of a snapshot's header that say how the rest is laid out. */
interface Layout {
  readonly nodeFields: readonly string[];
  readonly edgeFields: readonly string[];
  readonly nodeTypes: readonly string[];
  readonly edgeTypes: readonly string[];
  readonly nodeCount: number;
  readonly edgeCount: number;
}

/** A heap snapshot as columns: one number a node or edge, nothing else. */
export interface SnapshotColumns {
  readonly nodeTypes: readonly string[];
  readonly edgeTypes: readonly string[];
  readonly nodeType: Uint8Array;
  readonly nodeName: Uint32Array;
  /** The same object has the same number in all snapshots of a process; later objects have larger ones. */
  readonly nodeId: Uint32Array;
  /** Bytes of the object alone. */
  readonly selfSize: Uint32Array;
  /** `firstEdge[n]` to `firstEdge[n + 1]` are the edges of node `n`. */
  readonly firstEdge: Uint32Array;
  readonly edgeType: Uint8Array;
  readonly edgeName: Uint32Array;
  readonly edgeTo: Uint32Array;
  readonly strings: StringTable;
}

/** What to look for while reading, and how. */
export interface SnapshotReadOptions {
  /** Strings that hold it are recognised on the way. */
  readonly sentinel: string;
  /** Default: 4 MiB. How much of the file is in memory at a time. */
  readonly chunkBytes?: number;
}

const CHUNK_BYTES = 4 * 1024 * 1024;
const QUOTE = 34;
const BACKSLASH = 92;
const CLOSING_BRACKET = 93;

/**
 * Reads a `.heapsnapshot` file in chunks, straight into columns: the file may be larger than the
 * longest string and never is one. Field order is taken from the header, as it differs between
 * versions of V8. Strings are scanned for `sentinel` as they pass. Throws if the file is cut off.
 */
export async function readColumns(
  path: string,
  { sentinel, chunkBytes = CHUNK_BYTES }: SnapshotReadOptions,
): Promise<SnapshotColumns> {
  const file = await open(path);
  const reader = new ChunkReader(file, chunkBytes);
  try {
    const layout = readLayout(await reader.textUntil('"nodes":['));
    const { edgeCounts, ...nodes } = await readNodes(reader, layout);
    await reader.skipTo('"edges":[');
    const edges = await readEdges(reader, layout, edgeCounts);
    await reader.skipTo('"strings":[');
    const strings = await readStrings(reader, new CanaryForms(sentinel));
    const { nodeTypes, edgeTypes } = layout;
    return { nodeTypes, edgeTypes, ...nodes, ...edges, strings };
  } finally {
    await reader.settle();
    await file.close();
  }
}

function readLayout(head: string): Layout {
  const text = head.trimEnd().replace(/,$/, "");
  const { snapshot } = JSON.parse(`${text}}`) as {
    snapshot: {
      node_count: number;
      edge_count: number;
      meta: Record<"node_fields" | "edge_fields", string[]> &
        Record<"node_types" | "edge_types", [string[], ...unknown[]]>;
    };
  };
  const { meta, node_count: nodeCount, edge_count: edgeCount } = snapshot;
  return {
    nodeFields: meta.node_fields,
    edgeFields: meta.edge_fields,
    nodeTypes: meta.node_types[0],
    edgeTypes: meta.edge_types[0],
    nodeCount,
    edgeCount,
  };
}

async function readNodes(reader: ChunkReader, { nodeFields, nodeCount }: Layout) {
  const columns = {
    nodeType: new Uint8Array(nodeCount),
    nodeName: new Uint32Array(nodeCount),
    nodeId: new Uint32Array(nodeCount),
    selfSize: new Uint32Array(nodeCount),
    edgeCounts: new Uint32Array(nodeCount + 1),
  };
  const byField: Readonly<Record<string, Uint8Array | Uint32Array>> = {
    type: columns.nodeType,
    name: columns.nodeName,
    id: columns.nodeId,
    self_size: columns.selfSize,
    edge_count: columns.edgeCounts,
  };
  await reader.rows(nodeFields.map((field) => byField[field]));
  return columns;
}

async function readEdges(reader: ChunkReader, layout: Layout, edgeCounts: Uint32Array) {
  const { edgeFields, edgeCount, nodeFields } = layout;
  const edgeType = new Uint8Array(edgeCount);
  const edgeName = new Uint32Array(edgeCount);
  const edgeTo = new Uint32Array(edgeCount);
  const byField: Readonly<Record<string, Uint8Array | Uint32Array>> = {
    type: edgeType,
    name_or_index: edgeName,
    to_node: edgeTo,
  };
  await reader.rows(edgeFields.map((field) => byField[field]));
  // Edges point at the place of a node's first field in the flat list.
  const fields = nodeFields.length;
  for (let edge = 0; edge < edgeCount; edge += 1) {
    edgeTo[edge] = (edgeTo[edge] as number) / fields;
  }
  return { edgeType, edgeName, edgeTo, firstEdge: toFirst(edgeCounts) };
}

/** Turns counts into the places at which each one's share begins; the last is the end of all. */
function toFirst(counts: Uint32Array): Uint32Array {
  let sum = 0;
  for (let place = 0; place < counts.length; place += 1) {
    const count = counts[place] as number;
    counts[place] = sum;
    sum += count;
  }
  return counts;
}

async function readStrings(reader: ChunkReader, forms: CanaryForms): Promise<StringTable> {
  const strings = new StringTable(forms);
  for (;;) {
    const at = takeStrings(reader.chunk, reader.at, strings);
    if (reader.chunk[at] === CLOSING_BRACKET) return strings;
    await reader.next(reader.chunk.subarray(at));
  }
}

/** Takes the whole strings of a piece; answers the place of the closing bracket, or of the first that is cut off. */
function takeStrings(piece: Buffer, from: number, strings: StringTable): number {
  const { next } = strings.forms;
  let before = from;
  for (let at = from; at < piece.length; at += 1) {
    const byte = piece[at] as number;
    if (byte === CLOSING_BRACKET) return at;
    if (byte !== QUOTE) continue;
    const start = at + 1;
    let state = 0;
    for (at = start; at < piece.length && piece[at] !== QUOTE; at += 1) {
      const inside = piece[at] as number;
      state = next[state * 256 + inside] as number;
      if (inside === BACKSLASH) at += 1;
    }
    if (at >= piece.length) return before;
    strings.add(piece, start, at, state === FOUND);
    before = at + 1;
  }
  return before;
}
