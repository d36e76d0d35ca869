import type { Report } from "../report.ts";
import type { CheckArguments } from "./arguments.ts";
import { type CommandLine, progressOutput } from "./finish.ts";
import { prepareRun } from "./prepare-run.ts";
import { Progress } from "./progress.ts";
import { runSuiteProcess } from "./suite-runner.ts";

/**
 * Makes a check, shows how it goes, writes the reports, and answers the exit code. Rejects if the suite could
 * not work; what was seen until then is reported all the same.
 */
export async function runCheck(request: CheckArguments, line: CommandLine): Promise<number> {
  const end = await prepareRun(request, line);
  const progress = new Progress(progressOutput(request, line));
  const { target, url, users, only, seed, thorough } = request;
  let soFar: Report | undefined;
  const made = runSuiteProcess(
    { target, url, users, only, seed, thorough, folder: line.folder },
    (message) => {
      if (message.type === "planned") progress.begin(message.label, message.users, message.seed);
      if (message.type === "event") progress.show(message.event);
      if (message.type === "error") soFar = message.soFar;
    },
    line.signal,
  ).finally(() => progress.end());
  try {
    return end(await made);
  } catch (error) {
    if (soFar !== undefined) await end(soFar, { isWhole: false });
    throw error;
  }
}
