import { constants } from "node:fs";
import { access, mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { ToolError } from "../errors.ts";
import type { Verdict } from "../finding.ts";
import type { Report } from "../report.ts";
import { renderHtml } from "../reporters/html.ts";
import { renderJson } from "../reporters/json.ts";
import { renderTerminal } from "../reporters/terminal.ts";
import type { CheckArguments } from "./arguments.ts";
import { Progress } from "./progress.ts";
import { runSuiteProcess } from "./suite-runner.ts";

/** The streams and folder that a command works with. */
export interface CommandLine {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly folder: string;
  readonly color: boolean;
  readonly signal: AbortSignal;
}

const EXIT_CODES: Readonly<Record<Verdict, number>> = Object.freeze({
  passed: 0,
  failed: 1,
  inconclusive: 3,
});
const DEFAULT_WIDTH = 100;

/** Makes a check, shows how it goes, writes the reports, and answers the exit code. */
export async function runCheck(request: CheckArguments, line: CommandLine): Promise<number> {
  await prepareFiles(request, line.folder);
  const printsReport = request.json === "-" || request.html === "-";
  const output = printsReport ? line.stderr : line.stdout;
  const progress = new Progress({
    write: (text) => void output.write(text),
    isTerminal: output.isTTY,
    color: line.color && output.isTTY,
  });
  const { target, users, only, seed } = request;
  const asked = { target, users, only, seed, folder: line.folder };
  const report = await runSuiteProcess(
    asked,
    (message) => {
      if (message.type === "planned") progress.begin(message.label, message.users, message.seed);
      if (message.type === "event") progress.show(message.event);
    },
    line.signal,
  ).finally(() => progress.end());
  const reportPath = await writeReports(report, request, line);
  if (!printsReport) {
    const width = Math.min(output.columns ?? DEFAULT_WIDTH, 120);
    output.write(renderTerminal(report, { color: line.color && output.isTTY, width, reportPath }));
  }
  return EXIT_CODES[report.verdict];
}

/** Writes every report that was asked for; answers the path of the HTML one for people. */
async function writeReports(
  report: Report,
  request: CheckArguments,
  line: CommandLine,
): Promise<string> {
  const html = renderHtml(report);
  const json = renderJson(report);
  if (request.html === "-") line.stdout.write(html);
  if (request.json === "-") line.stdout.write(json);
  const files = reportFiles(request, line.folder);
  for (const { option, path, format } of files) {
    await writeFile(path, format === "html" ? html : json).catch(unwritable(option, path));
  }
  return relative(line.folder, join(resolve(line.folder, request.out), "report.html"));
}

interface ReportFile {
  /** The option that asked for it. */
  readonly option: string;
  readonly path: string;
  readonly format: "html" | "json";
}

function reportFiles({ out, html, json }: CheckArguments, folder: string): readonly ReportFile[] {
  const files: ReportFile[] = [
    { option: "--out", path: resolve(folder, out, "report.html"), format: "html" },
    { option: "--out", path: resolve(folder, out, "report.json"), format: "json" },
  ];
  for (const [format, path] of [["html", html] as const, ["json", json] as const]) {
    if (path === undefined || path === "-") continue;
    files.push({ option: `--${format}`, path: resolve(folder, path), format });
  }
  return files;
}

/** A run takes minutes: that its report can't be written must be known before it. Throws WT_USAGE. */
async function prepareFiles(request: CheckArguments, folder: string): Promise<void> {
  for (const { option, path } of reportFiles(request, folder)) {
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
