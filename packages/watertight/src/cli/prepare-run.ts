import { resolve } from "node:path";
import type { Baseline } from "../baseline/baseline.ts";
import type { Report } from "../report.ts";
import type { RunArguments } from "./arguments.ts";
import {
  type BaselineRequest,
  readBaseline,
  rewriteBaseline,
  withBaseline,
} from "./baseline-file.ts";
import { attempt, type Failure } from "./deliver.ts";
import { type CommandLine, finish } from "./finish.ts";
import { prepareFiles, reportFiles } from "./report-files.ts";

/** Hands out the report of a run that is over, and answers the exit code. */
export type EndRun = (
  report: Report,
  /** Whether it came to its end: one that did not is not held against the baseline. */
  options?: { readonly isWhole: boolean },
) => Promise<number>;

/** Makes sure, before a run that takes long, that its baseline can be read and its files written. */
export async function prepareRun(request: RunArguments, line: CommandLine): Promise<EndRun> {
  const files = reportFiles(request, line.folder);
  const baselineRequest = baselineOf(request, line.folder);
  const baselineFile = baselineRequest?.update === true ? [baselineRequest] : [];
  await prepareFiles([
    ...files,
    ...baselineFile.map(({ path }) => ({ option: "--update-baseline", path })),
  ]);
  const baseline = baselineRequest === undefined ? undefined : await readBaseline(baselineRequest);
  return async (made, { isWhole } = { isWhole: true }) => {
    const { report, failures } = await judge(made, baseline, isWhole ? baselineRequest : undefined);
    return finish({ report, failures, request, line });
  };
}

function baselineOf(request: RunArguments, folder: string): BaselineRequest | undefined {
  const { baseline: file, updateBaseline: update, strictBaseline: strict } = request;
  return file === undefined ? undefined : { file, path: resolve(folder, file), update, strict };
}

interface Judged {
  readonly report: Report;
  readonly failures: readonly Failure[];
}

/** Holds the report against the baseline; an update comes first, so that it counts already. */
async function judge(
  report: Report,
  baseline: Baseline | undefined,
  request: BaselineRequest | undefined,
): Promise<Judged> {
  if (baseline === undefined || request === undefined) return { report, failures: [] };
  let current = baseline;
  const failures = request.update
    ? await attempt(`The update of the baseline ${request.path}`, async () => {
        current = await rewriteBaseline(report, request);
      })
    : [];
  let judged = report;
  const missing = await attempt(`The comparison with the baseline ${request.path}`, () => {
    judged = withBaseline(report, current, request);
  });
  return { report: judged, failures: [...failures, ...missing] };
}
