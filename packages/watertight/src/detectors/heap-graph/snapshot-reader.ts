import { open } from "node:fs/promises";
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
const COMMA = 44;
const ZERO = 48;
const NINE = 57;
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
  try {
    const reader = new ChunkReader(() => file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes));
    const layout = readLayout(await reader.textUntil('"nodes":['));
    const nodes = await readNodes(reader, layout);
    await reader.textUntil('"edges":[');
    const edges = await readEdges(reader, layout, nodes.edgeCounts);
    await reader.textUntil('"strings":[');
    const strings = await readStrings(reader, sentinel);
    const { nodeTypes, edgeTypes } = layout;
    const { nodeType, nodeName } = nodes;
    return { nodeTypes, edgeTypes, nodeType, nodeName, ...edges, strings };
  } finally {
    await file.close();
  }
}

/** Hands out a file piece by piece, with one piece in hand. */
class ChunkReader {
  readonly #read: () => Promise<{ bytesRead: number; buffer: Buffer }>;
  chunk: Buffer = Buffer.alloc(0);
  at = 0;

  constructor(read: () => Promise<{ bytesRead: number; buffer: Buffer }>) {
    this.#read = read;
  }

  /** Takes the next piece in hand; throws at the end of the file. */
  async next(): Promise<void> {
    const { bytesRead, buffer } = await this.#read();
    if (bytesRead === 0) throw new Error("Expected a whole heap snapshot, got one that is cut off");
    this.chunk = buffer.subarray(0, bytesRead);
    this.at = 0;
  }

  /** Passes over everything up to and including `mark`; answers it without the mark. */
  async textUntil(mark: string): Promise<string> {
    let seen = this.chunk.subarray(this.at);
    for (;;) {
      const found = seen.indexOf(mark);
      if (found !== -1) {
        const rest = seen.length - found - mark.length;
        this.at = this.chunk.length - rest;
        return seen.toString("utf8", 0, found);
      }
      // Only the header is kept whole; later marks follow sections that nobody reads.
      const kept = seen.length > CHUNK_BYTES * 4 ? seen.subarray(-mark.length) : seen;
      await this.next();
      seen = Buffer.concat([kept, this.chunk]);
    }
  }

  /** Calls `take` for every number of the list in hand, up to its closing bracket. */
  async numbers(take: (value: number) => void): Promise<void> {
    const list: NumberList = { take, value: 0, isNumber: false };
    while (!this.#takeNumbers(list)) await this.next();
  }

  /** Takes the numbers of the piece in hand; says whether the list ends in it. */
  #takeNumbers(list: NumberList): boolean {
    const { chunk } = this;
    let { value, isNumber } = list;
    for (let at = this.at; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      if (byte >= ZERO && byte <= NINE) {
        value = value * 10 + (byte - ZERO);
        isNumber = true;
      } else if (byte === COMMA || byte === CLOSING_BRACKET) {
        if (isNumber) list.take(value);
        value = 0;
        isNumber = false;
        if (byte === CLOSING_BRACKET) {
          this.at = at + 1;
          return true;
        }
      }
    }
    list.value = value;
    list.isNumber = isNumber;
    return false;
  }
}

/** A list of numbers that is being read; the last number may be cut in two by the end of a piece. */
interface NumberList {
  readonly take: (value: number) => void;
  value: number;
  isNumber: boolean;
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

async function readNodes(reader: ChunkReader, layout: Layout) {
  const { nodeFields, nodeCount } = layout;
  const nodeType = new Uint8Array(nodeCount);
  const nodeName = new Uint32Array(nodeCount);
  const edgeCounts = new Uint32Array(nodeCount);
  const columns = nodeFields.map((field) => {
    if (field === "type") return nodeType;
    if (field === "name") return nodeName;
    return field === "edge_count" ? edgeCounts : undefined;
  });
  await readRows(reader, columns);
  return { nodeType, nodeName, edgeCounts };
}

async function readEdges(reader: ChunkReader, layout: Layout, edgeCounts: Uint32Array) {
  const { edgeFields, edgeCount, nodeFields } = layout;
  const edgeType = new Uint8Array(edgeCount);
  const edgeName = new Uint32Array(edgeCount);
  const edgeTo = new Uint32Array(edgeCount);
  const columns = edgeFields.map((field) => {
    if (field === "type") return edgeType;
    return field === "name_or_index" ? edgeName : edgeTo;
  });
  await readRows(reader, columns);
  // Edges point at the place of a node's first field in the flat list.
  for (let edge = 0; edge < edgeCount; edge += 1) {
    edgeTo[edge] = (edgeTo[edge] as number) / nodeFields.length;
  }
  const firstEdge = new Uint32Array(edgeCounts.length + 1);
  for (let node = 0; node < edgeCounts.length; node += 1) {
    firstEdge[node + 1] = (firstEdge[node] as number) + (edgeCounts[node] as number);
  }
  return { edgeType, edgeName, edgeTo, firstEdge };
}

/** Spreads a flat list of numbers over columns; a column that is `undefined` is passed over. */
async function readRows(
  reader: ChunkReader,
  columns: readonly (Uint8Array | Uint32Array | undefined)[],
): Promise<void> {
  let row = 0;
  let column = 0;
  await reader.numbers((value) => {
    const target = columns[column];
    if (target !== undefined) target[row] = value;
    column += 1;
    if (column < columns.length) return;
    column = 0;
    row += 1;
  });
}

async function readStrings(reader: ChunkReader, sentinel: string): Promise<StringTable> {
  const strings = new StringTable(sentinel);
  let carry: Buffer | undefined;
  for (;;) {
    const piece = carry === undefined ? reader.chunk : Buffer.concat([carry, reader.chunk]);
    let at = carry === undefined ? reader.at : 0;
    for (;;) {
      const start = nextString(piece, at);
      if (start === -1) return strings;
      const end = start === undefined ? undefined : endOfString(piece, start);
      if (start === undefined || end === undefined) break;
      strings.add(piece, start, end);
      at = end + 1;
    }
    carry = piece.subarray(at);
    await reader.next();
  }
}

/** The place after the next opening quote; -1 at the end of the list, `undefined` at the end of the piece. */
function nextString(piece: Buffer, from: number): number | undefined {
  for (let at = from; at < piece.length; at += 1) {
    if (piece[at] === QUOTE) return at + 1;
    if (piece[at] === CLOSING_BRACKET) return -1;
  }
  return undefined;
}

/** The place of the closing quote: the first that an even number of backslashes precedes. */
function endOfString(piece: Buffer, start: number): number | undefined {
  let quote = piece.indexOf(QUOTE, start);
  while (quote !== -1) {
    let backslashes = 0;
    while (piece[quote - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote;
    quote = piece.indexOf(QUOTE, quote + 1);
  }
  return undefined;
}
