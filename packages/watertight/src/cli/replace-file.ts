import { randomBytes } from "node:crypto";
import { realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Writes a file whole or not at all: under another name first, which then takes the place of the
 * old one. Who reads it sees the old or the new text, and a failure leaves the old one. A symbolic
 * link stays one; what is no file (a terminal, a pipe, `/dev/null`) is written to as it is.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && !found.isFile()) return writeFile(path, text);
  const target = found === undefined ? path : await realpath(path);
  // The name ends in neither .prom nor .json: who collects those must not take it.
  const draft = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await writeFile(draft, text, { mode: found?.mode ?? 0o644 });
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
