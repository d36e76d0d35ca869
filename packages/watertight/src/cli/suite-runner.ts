import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ToolError, type ToolErrorCode } from "../errors.ts";
import type { Report } from "../report.ts";
import { signalGroup } from "../target/target-process.ts";
import type { SuiteMessage, SuiteRequest } from "./messages.ts";

/**
 * Runs the suite in a process of its own and resolves with its report. Whatever happens to that
 * process, and when `signal` is aborted, everything it started is ended before this settles.
 */
export async function runSuiteProcess(
  request: SuiteRequest,
  onMessage: (message: SuiteMessage) => void,
  signal: AbortSignal,
): Promise<Report> {
  const child = fork(fileURLToPath(new URL("./suite-process.js", import.meta.url)), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const groups = new Set<number>();
  const abort = (): void => void child.kill("SIGTERM");
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await converse(child, request, (message) => {
      if (message.type === "target-started") groups.add(message.pid);
      onMessage(message);
    });
  } finally {
    signal.removeEventListener("abort", abort);
    for (const group of groups) signalGroup(group, "SIGKILL");
  }
}

function converse(
  child: ChildProcess,
  request: SuiteRequest,
  onMessage: (message: SuiteMessage) => void,
): Promise<Report> {
  return new Promise((resolve, reject) => {
    let outcome: Report | ToolError | undefined;
    child.on("message", (message: SuiteMessage) => {
      onMessage(message);
      if (message.type === "report") outcome = message.report;
      if (message.type === "error") {
        outcome = new ToolError(message.code as ToolErrorCode, message.message);
      }
    });
    child.once("error", reject);
    child.once("exit", (code, signalName) => {
      if (outcome === undefined) reject(suiteDied(code, signalName));
      else if (outcome instanceof ToolError) reject(outcome);
      else resolve(outcome);
    });
    child.send(request);
  });
}

function suiteDied(code: number | null, signal: string | null): ToolError {
  return new ToolError(
    "WT_SUITE_DIED",
    `Expected the suite's process to finish with a report, but it ended with ${signal ?? `exit code ${code}`}. What it started was stopped. Run it again; if it was out of memory, use fewer --users.`,
  );
}
