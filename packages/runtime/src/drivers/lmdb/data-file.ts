import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";

/** Where the two head pages of an lmdb file have what, in bytes, and what must be there. */
const HEAD = Object.freeze({
  flags: 0x12,
  isHead: 8,
  magic: 0x18,
  isLmdb: 0xbeefc0de,
  version: 0x1c,
  isVersion: 2,
  pageSize: 0x30,
  lastPage: 0x90,
  transaction: 0x98,
  bytes: 0xa8,
});

/** What the file says of itself: how large it should be, and whether it is. */
export type DataFile = "new" | "whole" | "short" | "foreign";

/**
 * Looks at an lmdb file before lmdb does, which ends the process when it opens what is none or reads
 * behind the end of one that was cut off. A short file is filled up with zeros: what is missing can
 * be read then, and is found missing.
 */
export function inspectDataFile(path: string): DataFile {
  const file = openExisting(path);
  if (file === undefined) return "new";
  try {
    const { size } = fstatSync(file);
    if (size === 0) return "new";
    const expected = expectedSize(file);
    if (expected === undefined) return "foreign";
    if (size >= expected) return "whole";
    ftruncateSync(file, expected);
    return "short";
  } finally {
    closeSync(file);
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, "r+");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** By the younger of the two head pages; `undefined` if either is none. */
function expectedSize(file: number): number | undefined {
  const first = readHead(file, 0);
  const second = first === undefined ? undefined : readHead(file, first.pageSize);
  if (first === undefined || second === undefined) return undefined;
  const { lastPage, pageSize } = first.transaction > second.transaction ? first : second;
  return (Number(lastPage) + 1) * pageSize;
}

function readHead(
  file: number,
  at: number,
): { pageSize: number; lastPage: bigint; transaction: bigint } | undefined {
  const head = Buffer.alloc(HEAD.bytes);
  if (readSync(file, head, 0, HEAD.bytes, at) < HEAD.bytes) return undefined;
  const isHead =
    head.readUInt16LE(HEAD.flags) === HEAD.isHead &&
    head.readUInt32LE(HEAD.magic) === HEAD.isLmdb &&
    head.readUInt32LE(HEAD.version) === HEAD.isVersion;
  if (!isHead) return undefined;
  return {
    pageSize: head.readUInt32LE(HEAD.pageSize),
    lastPage: head.readBigUInt64LE(HEAD.lastPage),
    transaction: head.readBigUInt64LE(HEAD.transaction),
  };
}
