import { constants } from "node:fs";
import { access, mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ToolError } from "../errors.ts";
import type { OutputArguments } from "./report-arguments.ts";
import { FORMATS, type ReportFormat } from "./report-formats.ts";

/** A report, and where it goes. */
export interface ReportFile {
  /** The option that asked for it. */
  readonly option: string;
  readonly format: ReportFormat;
  /** An absolute path, or `-` for standard output. */
  readonly path: string;
}

/** Every report of a run: the two in `--out`, and those that were asked for. */
export function reportFiles({ out, reports }: OutputArguments, folder: string): ReportFile[] {
  const inFolder = (format: ReportFormat): string =>
    resolve(folder, join(out, FORMATS[format].fileName));
  const asked = reports.map(({ option, format, file }): ReportFile => {
    if (file === "-") return { option, format, path: file };
    return { option, format, path: file === undefined ? inFolder(format) : resolve(folder, file) };
  });
  const always = (["html", "json"] as const)
    .map((format): ReportFile => ({ option: "--out", format, path: inFolder(format) }))
    .filter(({ path }) => asked.every((file) => file.path !== path));
  return [...always, ...asked];
}

/**
 * A run takes minutes: that one of its files can't be written must be known before it. Throws
 * WT_USAGE with the option and what is in the way.
 */
export async function prepareFiles(
  files: readonly { readonly option: string; readonly path: string }[],
): Promise<void> {
  const paths = files.map(({ path }) => path).filter((path) => path !== "-");
  const twice = paths.find((path, place) => paths.indexOf(path) !== place);
  if (twice !== undefined) {
    throw new ToolError("WT_USAGE", `Expected one report in ${twice}, got two: name another file`);
  }
  for (const { option, path } of files) {
    if (path === "-") continue;
    const refuse = unwritable(option, path);
    await makeFolder(dirname(path)).catch(refuse);
    await access(dirname(path), constants.W_OK).catch(refuse);
    if (await isFolder(path)) refuse(new Error("there is a folder of that name"));
  }
}

/** Level by level: where no folder can be made (`/proc`), Node's recursive `mkdir` never comes back. */
async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  await mkdir(path).catch(async (error: unknown) => {
    // Somebody else may have made it meanwhile.
    if (!(await isFolder(path))) throw error;
  });
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function unwritable(option: string, path: string): (cause: unknown) => never {
  return (cause) => {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new ToolError(
      "WT_USAGE",
      `Expected ${option} to name a place where ${path} can be written, got: ${found}. Name another, or remove what is in the way.`,
      { cause },
    );
  };
}
