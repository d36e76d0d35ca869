import type { Report } from "../report.ts";
import type { CheckArguments } from "./arguments.ts";
import { type CommandLine, progressOutput } from "./finish.ts";
import { prepareRun } from "./prepare-run.ts";
import { Progress } from "./progress.ts";
import { runSuiteProcess } from "./suite-runner.ts";

/** Makes a check, shows how it goes, writes the reports, and answers the exit code. */
export async function runCheck(request: CheckArguments, line: CommandLine): Promise<number> {
  const end = await prepareRun(request, line);
  return end(await runSuite(request, line));
}

async function runSuite(request: CheckArguments, line: CommandLine): Promise<Report> {
  const progress = new Progress(progressOutput(request, line));
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
