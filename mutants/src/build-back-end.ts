import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Change } from "./mutant.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WORKSHOP = join(ROOT, ".watertight", "mutants");
const COMPILER = join(ROOT, "node_modules", "typescript", "bin", "tsc");

/**
 * Builds the isolated back end on a copy of the runtime to which `changes` were made, and answers its
 * folder. Throws if a change no longer fits the runtime, or if the changed runtime does not compile: a
 * mutant must break isolation, not the build.
 */
export async function buildBackEnd(name: string, changes: readonly Change[]): Promise<string> {
  const folder = join(WORKSHOP, name.replaceAll(" ", "-"));
  const example = join(ROOT, "examples", "isolated-backend");
  const runtime = join(ROOT, "packages", "runtime");
  const installed = join(folder, "node_modules", "@watertight", "runtime");
  await rm(folder, { recursive: true, force: true });
  await mkdir(installed, { recursive: true });
  for (const part of ["dist", "package.json", "watertight.config.ts"]) {
    await cp(join(example, part), join(folder, part), { recursive: true });
  }
  await cp(join(runtime, "package.json"), join(installed, "package.json"));
  await cp(join(runtime, "src"), join(folder, "runtime"), { recursive: true });
  for (const change of changes) await apply(change, join(folder, "runtime"));
  await compile(name, folder, join(installed, "dist"));
  return folder;
}

async function apply({ file, find, replace }: Change, source: string): Promise<void> {
  const path = join(source, file);
  const text = await readFile(path, "utf8");
  const found = text.split(find).length - 1;
  if (found !== 1) {
    throw new Error(
      `Expected to find \`${find}\` once in packages/runtime/src/${file}, found it ${found} times. The runtime has moved on: correct the mutant.`,
    );
  }
  await writeFile(
    path,
    text.replace(find, () => replace),
  );
}

async function compile(name: string, folder: string, outDir: string): Promise<void> {
  const config = join(folder, "tsconfig.json");
  const compilerOptions = { composite: false, rootDir: "runtime", outDir };
  const extended = join(ROOT, "tsconfig.base.json");
  await writeFile(
    config,
    JSON.stringify({ extends: extended, compilerOptions, include: ["runtime"] }),
  );
  await promisify(execFile)(process.execPath, [COMPILER, "-p", config]).catch((cause: unknown) => {
    const { stdout } = cause as { stdout?: string };
    throw new Error(`Expected the mutant "${name}" to compile:\n${stdout ?? String(cause)}`);
  });
}
