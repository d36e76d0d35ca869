import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A file of a project. */
export interface SourceFile {
  /** From the folder of the project, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** What was read of a project. */
export interface Sources {
  readonly files: readonly SourceFile[];
  /** False if there were more than are read. */
  readonly isAll: boolean;
}

const MAX_FILES = 500;
const MAX_BYTES = 2_000_000;
const MAX_FOLDERS = 2000;
const IS_SOURCE = /(?<!\.d)\.[cm]?[jt]sx?$/;
const IS_BESIDE_THE_POINT = /\.(?:test|spec|config|stories)\.[cm]?[jt]sx?$/;
const LEFT_OUT =
  /^(?:\..*|node_modules|dist|build|out|coverage|public|static|vendor|tests?|__\w+__|e2e|migrations)$/;

/**
 * Reads the program's own files, those nearest to the root first: 500 at most, and 2 MB. What is installed,
 * made or hidden is left out, and so are tests. Links are not followed.
 */
export async function readSources(folder: string): Promise<Sources> {
  const files: SourceFile[] = [];
  let bytes = 0;
  for await (const path of sourcesBelow(folder)) {
    const text = await readFile(join(folder, path), "utf8").catch(() => "");
    bytes += text.length;
    if (files.length === MAX_FILES || bytes > MAX_BYTES) return { files, isAll: false };
    files.push({ path, text });
  }
  return { files, isAll: true };
}

async function* sourcesBelow(folder: string): AsyncGenerator<string> {
  const folders = [""];
  for (const path of folders) {
    const entries = await readdir(join(folder, path), { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const own = path === "" ? entry.name : `${path}/${entry.name}`;
      const isWanted = IS_SOURCE.test(entry.name) && !IS_BESIDE_THE_POINT.test(entry.name);
      if (entry.isFile() && isWanted) yield own;
      const isFolder = entry.isDirectory() && !LEFT_OUT.test(entry.name);
      if (isFolder && folders.length < MAX_FOLDERS) folders.push(own);
    }
  }
}
