import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

/**
 * Reads a whole store: every table has as many entries as it says, every chunk its checksum. A program
 * of its own, as text: lmdb ends the process that reads a damaged page, and that must not be ours.
 */
const PROGRAM = `
const [lmdb, folder, chunks, ...tables] = process.argv.slice(1);
const { crc32 } = require("node:zlib");
const options = { keyEncoding: "binary", encoding: "binary" };
const root = require(lmdb).open({ path: folder, maxDbs: 16, readOnly: true, ...options });
for (const name of [chunks, ...tables]) {
  const table = root.openDB(name, options);
  let count = 0;
  for (const { value } of table?.getRange({}) ?? []) {
    count += 1;
    const isTorn = value.length < 9 || value.readUInt32LE(1) !== crc32(value.subarray(5));
    if (name === chunks && isTorn) throw new Error("a torn chunk");
  }
  if (count !== (table?.getStats().entryCount ?? 0)) throw new Error("entries are missing");
}
`;

/** Says whether the store in `folder`, which nobody has open, is whole. It takes as long as reading all of it. */
export function isWhole(folder: string, chunks: string, tables: readonly string[]): boolean {
  const lmdb = createRequire(import.meta.url).resolve("lmdb");
  const args = ["-e", PROGRAM, "--", lmdb, folder, chunks, ...tables];
  return spawnSync(process.execPath, args, { stdio: "ignore" }).status === 0;
}
