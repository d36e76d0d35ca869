import { readFile } from "node:fs/promises";
import { type Baseline, EMPTY_BASELINE, renderBaseline } from "../baseline/baseline.ts";
import { compareWithBaseline } from "../baseline/compare.ts";
import { parseBaseline } from "../baseline/parse-baseline.ts";
import { updateBaseline } from "../baseline/update.ts";
import { ToolError } from "../errors.ts";
import type { Report } from "../report.ts";
import { replaceFile } from "./replace-file.ts";

/** A baseline file and what is to be done with it. */
export interface BaselineRequest {
  /** As it was named on the command line. */
  readonly file: string;
  readonly path: string;
  readonly update: boolean;
  readonly strict: boolean;
}

/**
 * Reads the baseline; with `update` a missing one is empty. Throws WT_BASELINE_UNREADABLE if it is
 * missing, cut off, damaged or of a newer version.
 */
export async function readBaseline({ file, path, update }: BaselineRequest): Promise<Baseline> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT" && update) return undefined;
    throw new ToolError(
      "WT_BASELINE_UNREADABLE",
      `Expected a baseline at ${path}, got: ${cause.message}. Correct the path, or make one with --baseline ${file} --update-baseline.`,
      { cause },
    );
  });
  return text === undefined ? EMPTY_BASELINE : parseBaseline(text, path);
}

/** The report, held against the baseline. */
export function withBaseline(
  report: Report,
  baseline: Baseline,
  { file, strict }: BaselineRequest,
): Report {
  return { ...report, baseline: compareWithBaseline(report, baseline, { file, strict }) };
}

/** Writes what the run found into the file, as it is by now: somebody may have written a reason meanwhile. */
export async function rewriteBaseline(report: Report, request: BaselineRequest): Promise<Baseline> {
  const updated = updateBaseline(await readBaseline(request), report);
  await replaceFile(request.path, renderBaseline(updated));
  return updated;
}
