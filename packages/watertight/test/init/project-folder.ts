import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A project in a folder of its own, which goes with it. */
export interface ProjectFolder extends AsyncDisposable {
  readonly path: string;
}

/** Writes files, by their paths; what is no text is written as JSON. */
export async function projectFolder(
  files: Readonly<Record<string, unknown>>,
): Promise<ProjectFolder> {
  const path = await mkdtemp(join(tmpdir(), "watertight-init-"));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    const text = typeof content === "string" ? content : JSON.stringify(content);
    await writeFile(join(path, name), text);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
