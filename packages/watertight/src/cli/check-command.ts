import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
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
  const out = resolve(line.folder, request.out);
  const files: [string, string][] = [
    [join(out, "report.html"), html],
    [join(out, "report.json"), json],
  ];
  for (const [path, text] of [[request.html, html] as const, [request.json, json] as const]) {
    if (path === "-") line.stdout.write(text);
    else if (path !== undefined) files.push([resolve(line.folder, path), text]);
  }
  for (const [path, text] of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return relative(line.folder, join(out, "report.html"));
}
