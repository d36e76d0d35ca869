import { resolve } from "node:path";
import type { Baseline } from "../baseline/baseline.ts";
import type { Report } from "../report.ts";
import type { CheckArguments } from "./arguments.ts";
import {
  type BaselineRequest,
  readBaseline,
  rewriteBaseline,
  withBaseline,
} from "./baseline-file.ts";
import { attempt, type Failure } from "./deliver.ts";
import { type CommandLine, finish, outputOf } from "./finish.ts";
import { Progress } from "./progress.ts";
import { prepareFiles, reportFiles } from "./report-files.ts";
import { runSuiteProcess } from "./suite-runner.ts";

/** Makes a check, shows how it goes, writes the reports, and answers the exit code. */
export async function runCheck(request: CheckArguments, line: CommandLine): Promise<number> {
  const files = reportFiles(request, line.folder);
  const baselineRequest = baselineOf(request, line.folder);
  const baselineFile = baselineRequest?.update === true ? [baselineRequest] : [];
  await prepareFiles([
    ...files,
    ...baselineFile.map(({ path }) => ({ option: "--update-baseline", path })),
  ]);
  const baseline = baselineRequest === undefined ? undefined : await readBaseline(baselineRequest);
  const made = await runSuite(request, line);
  const { report, failures } = await judge(made, baseline, baselineRequest);
  return finish({ report, failures, request, line });
}

function baselineOf(request: CheckArguments, folder: string): BaselineRequest | undefined {
  const { baseline: file, updateBaseline: update, strictBaseline: strict } = request;
  return file === undefined ? undefined : { file, path: resolve(folder, file), update, strict };
}

async function runSuite(request: CheckArguments, line: CommandLine): Promise<Report> {
  const output = outputOf(request, line);
  const progress = new Progress({
    write: (text) => void output.write(text),
    isTerminal: output.isTTY,
    color: line.color && output.isTTY,
  });
  const { target, users, only, seed } = request;
  return runSuiteProcess(
    { target, users, only, seed, folder: line.folder },
    (message) => {
      if (message.type === "planned") progress.begin(message.label, message.users, message.seed);
      if (message.type === "event") progress.show(message.event);
    },
    line.signal,
  ).finally(() => progress.end());
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
