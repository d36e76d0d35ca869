import { WatertightError } from "../errors.ts";
import type { Agent } from "./agent.ts";
import type { Cell, CellEars } from "./isolation/cell.ts";
import { IsolatedRun } from "./isolation/isolated-run.ts";
import {
  type IsolatedAgentOptions,
  type IsolationOptions,
  resolveIsolation,
} from "./isolation/isolation-options.ts";
import { ProcessCell } from "./isolation/process-cell.ts";
import { canMeasureProcesses } from "./isolation/process-usage.ts";
import { WorkerCell } from "./isolation/worker-cell.ts";

export type { IsolatedAgentOptions } from "./isolation/isolation-options.ts";
export type { OnOutput, OutputStream } from "./isolation/output-lines.ts";

/**
 * An agent that runs in a worker thread, a new one for each run: its loop, globals and heap are its
 * own. It can't be kept from ending this process, as by a bug in a native module or by memory outside
 * the heap; that takes a {@link processAgent}. Throws WT_OPTION_INVALID.
 */
export function workerAgent(options: IsolatedAgentOptions): Agent {
  const isolation = resolveIsolation(options);
  return isolate(isolation, (ears) => new WorkerCell(isolation, ears));
}

/**
 * An agent that runs in a process, a new one for each run, with an environment that has nothing but
 * `env`. Whatever it does ends at its walls: the process and all that it started are killed when the
 * run ends. Throws WT_OPTION_INVALID.
 */
export function processAgent(options: IsolatedAgentOptions): Agent {
  const isolation = resolveIsolation(options);
  if (isolation.maxCpuMs !== undefined && !canMeasureProcesses()) {
    throw new WatertightError(
      "WT_OPTION_INVALID",
      "Expected no `maxCpuMs` of a process on this system, which does not tell what a process has used. Use a worker, or Linux.",
    );
  }
  return isolate(isolation, (ears) => new ProcessCell(isolation, ears));
}

function isolate(
  { module, exportName, graceMs }: IsolationOptions,
  openCell: (ears: CellEars) => Cell,
): Agent {
  return (input, { user, threadId, runId, scopes, signal, progress, reportUsage }) => {
    const { tenantId, userId } = user;
    const ids = { user: { tenantId, userId }, threadId, runId };
    const start = { module, exportName, input, ...ids, scopes };
    return new IsolatedRun(start, { openCell, signal, progress, reportUsage, graceMs });
  };
}
