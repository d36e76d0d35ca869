import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { WatertightError } from "../../errors.ts";
import { callable, milliseconds, wholeNumber } from "../../internal/options.ts";
import type { OnOutput } from "./output-lines.ts";

/** An agent that runs in a thread or process of its own, and what it is held to; limits have defaults. */
export interface IsolatedAgentOptions {
  /** The module that exports the agent: a URL, as `new URL("./agent.js", import.meta.url)`, or an absolute path. */
  readonly module: string | URL;
  /** Default: `agent`. */
  readonly exportName?: string;
  /** Megabytes of JavaScript heap; of a process, on Linux, and 128 more for all that it has in memory. Default: 256. */
  readonly maxMemoryMb?: number;
  /** Milliseconds that it may compute, in all. Of processes on Linux only. Default: no limit but the run's time. */
  readonly maxCpuMs?: number;
  /** Its whole environment: nothing of ours is in it. Default: empty. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds to clean up when the run has ended, before it is made to; then, for a process, as many until it is killed. Default: 250. */
  readonly graceMs?: number;
  /** Hears what it prints: 1,000 lines a run of 2,000 characters. Default: nobody does. */
  readonly onOutput?: OnOutput;
}

/** The options, checked and with defaults. */
export interface IsolationOptions {
  readonly module: string;
  readonly exportName: string;
  readonly maxMemoryMb: number;
  readonly maxCpuMs: number | undefined;
  readonly env: Record<string, string>;
  readonly graceMs: number;
  readonly onOutput: OnOutput | undefined;
}

/** Checks every option and fills in the defaults. Throws WT_OPTION_INVALID. */
export function resolveIsolation(options: IsolatedAgentOptions): IsolationOptions {
  const { exportName = "agent", maxMemoryMb = 256, maxCpuMs, graceMs = 250, onOutput } = options;
  return Object.freeze({
    module: resolveModule(options.module),
    exportName,
    maxMemoryMb: wholeNumber("maxMemoryMb", maxMemoryMb, 16),
    maxCpuMs: maxCpuMs === undefined ? undefined : milliseconds("maxCpuMs", maxCpuMs),
    env: Object.freeze({ ...options.env }),
    graceMs: milliseconds("graceMs", graceMs),
    onOutput: onOutput === undefined ? undefined : callable("onOutput", onOutput),
  });
}

/** A path that depends on where the server was started is a path to somebody else's file. */
function resolveModule(module: string | URL): string {
  const text = String(module);
  if (isAbsolute(text)) return pathToFileURL(text).href;
  if (URL.canParse(text)) return text;
  throw new WatertightError(
    "WT_OPTION_INVALID",
    'Expected `module` to be a URL or an absolute path, got another text. Write `new URL("./agent.js", import.meta.url)`.',
  );
}
