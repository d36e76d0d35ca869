import { existsSync, readdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Verdict } from "../finding.ts";
import type { Report } from "../report.ts";
import { renderTerminal } from "../reporters/terminal.ts";
import type { RunArguments } from "./arguments.ts";
import { attempt, type Failure, writeReports } from "./deliver.ts";
import {
  type Environment,
  isGithubAction,
  repositoryPrefix,
  tellGithub,
  withoutCommands,
} from "./github-actions.ts";
import { reportFiles } from "./report-files.ts";
import type { ProgressOutput } from "./status-line.ts";

/** The streams and folder that a command works with. */
export interface CommandLine {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly folder: string;
  readonly environment: Environment;
  readonly color: boolean;
  readonly signal: AbortSignal;
}

const EXIT_CODES: Readonly<Record<Verdict, number>> = Object.freeze({
  passed: 0,
  failed: 1,
  inconclusive: 3,
});
const REPORT_MISSING = 2;
const DEFAULT_WIDTH = 100;

/** Where people read: standard output, unless a report is printed there. */
function outputOf({ reports }: RunArguments, line: CommandLine): NodeJS.WriteStream {
  return reports.some(({ file }) => file === "-") ? line.stderr : line.stdout;
}

/** How progress is shown where people read. */
export function progressOutput(request: RunArguments, line: CommandLine): ProgressOutput {
  const output = outputOf(request, line);
  return {
    write: (text) => void output.write(text),
    isTerminal: output.isTTY,
    color: line.color && output.isTTY,
  };
}

/** A run that is over, and what went wrong after it. */
export interface Finish {
  readonly report: Report;
  readonly failures: readonly Failure[];
  readonly request: RunArguments;
  readonly line: CommandLine;
}

/** Hands out everything that was asked for; what fails is told, and keeps nothing else back. */
export async function finish({ report, failures, request, line }: Finish): Promise<number> {
  const { folder, environment, stdout, stderr } = line;
  const output = outputOf(request, line);
  const places = {
    prefix: repositoryPrefix(environment, folder),
    configFile: configFileOf(request.target, folder),
  };
  const files = reportFiles(request, folder);
  const all = [...failures];
  all.push(
    ...(await writeReports(report, files, { ...places, print: (text) => void stdout.write(text) })),
  );
  const isGithub = isGithubAction(environment);
  if (output === stdout) {
    const html = join(resolve(folder, request.out), "report.html");
    const isThere = all.every((failure) => !failure.startsWith(`The html report ${html} `));
    const reportPath = isThere ? relative(folder, html) : undefined;
    const width = Math.min(output.columns ?? DEFAULT_WIDTH, 120);
    const color = line.color && output.isTTY;
    all.push(
      ...(await attempt("The text for people", () => {
        const text = renderTerminal(report, { color, width, reportPath });
        output.write(isGithub ? withoutCommands(text) : text);
      })),
    );
  }
  if (isGithub) {
    const isPrinted = request.reports.some(
      ({ format, file }) => format === "github" && file === "-",
    );
    const print = (text: string): void => void (isPrinted || output.write(text));
    all.push(...(await tellGithub(report, environment, { ...places, print })));
  }
  for (const failure of all) stderr.write(`watertight: ${failure}\n`);
  return exitCode(report, all);
}

/** A leak is worse than a missing report, and so is a run that proved nothing; a green run is not. */
function exitCode({ baseline, verdict }: Report, failures: readonly Failure[]): number {
  const code = EXIT_CODES[baseline?.verdict ?? verdict];
  return code === 0 && failures.length > 0 ? REPORT_MISSING : code;
}

/** The file that a target names, from the folder of the run. */
function configFileOf(target: string, folder: string): string {
  const path = resolve(folder, target);
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  const names = isFolder ? readdirSync(path) : [];
  const name = names.find((found) => /^watertight\.config\.m?[jt]s$/.test(found)) ?? "";
  return relative(folder, join(path, name));
}
