import { crc32 } from "node:zlib";
import type { NewRecord } from "../../event-log/event-log.ts";

/** One record of a chunk, without its frame. */
interface Row {
  readonly threadId: string;
  readonly runId: string;
  readonly bytes: number;
}

/** The records of one append as they are stored: under the number of the last one. */
export interface Chunk {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly time: number;
  /** Bytes of all frames that the log had before this chunk, trimmed ones included. */
  readonly bytesBefore: number;
  readonly rows: readonly Row[];
  /** The frames, one after another. */
  readonly body: Buffer;
}

/** A row as JSON: thread and run are left out where they are those of the row before. */
type JsonRow = readonly [bytes: number, threadId?: string, runId?: string];

interface Header {
  readonly t: number;
  readonly b: number;
  readonly r: readonly JsonRow[];
}

const FORMAT = 1;
/** Format (1 byte), checksum of all that follows it (4), length of the header (4). */
const PREFIX_BYTES = 9;

/** Answers the records as one value to be stored, and how many bytes their frames have. */
export function encodeChunk(
  records: readonly NewRecord[],
  time: number,
  bytesBefore: number,
): { readonly value: Buffer; readonly bytes: readonly number[] } {
  const bytes = records.map(({ frame }) => Buffer.byteLength(frame));
  const rows = records.map(({ threadId, runId }, index): JsonRow => {
    const before = records[index - 1];
    const isSame = before?.threadId === threadId && before.runId === runId;
    return isSame ? [bytes[index] ?? 0] : [bytes[index] ?? 0, threadId, runId];
  });
  const header = JSON.stringify({ t: time, b: bytesBefore, r: rows } satisfies Header);
  const headerBytes = Buffer.byteLength(header);
  const bodyBytes = bytes.reduce((sum, some) => sum + some, 0);
  const value = Buffer.allocUnsafe(PREFIX_BYTES + headerBytes + bodyBytes);
  value.writeUInt8(FORMAT, 0);
  value.writeUInt32LE(headerBytes, 5);
  let at = PREFIX_BYTES + value.write(header, PREFIX_BYTES);
  for (const { frame } of records) at += value.write(frame, at);
  value.writeUInt32LE(crc32(value.subarray(5)), 1);
  return { value, bytes };
}

/** Reads a stored value; `undefined` if it is torn. */
export function decodeChunk(value: Buffer, lastSeq: number): Chunk | undefined {
  if (value.length < PREFIX_BYTES || value.readUInt8(0) !== FORMAT) return undefined;
  if (value.readUInt32LE(1) !== crc32(value.subarray(5))) return undefined;
  const bodyAt = PREFIX_BYTES + value.readUInt32LE(5);
  const { t, b, r } = JSON.parse(value.toString("utf8", PREFIX_BYTES, bodyAt)) as Header;
  const rows: Row[] = [];
  for (const [bytes, threadId, runId] of r) {
    const before = rows.at(-1);
    rows.push({
      threadId: threadId ?? before?.threadId ?? "",
      runId: runId ?? before?.runId ?? "",
      bytes,
    });
  }
  const firstSeq = lastSeq - rows.length + 1;
  return { firstSeq, lastSeq, time: t, bytesBefore: b, rows, body: value.subarray(bodyAt) };
}
