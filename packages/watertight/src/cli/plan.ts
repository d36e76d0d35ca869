import { availableParallelism } from "node:os";
import { basename } from "node:path";
import type { ResolvedConfig } from "../config/resolve-config.ts";
import type { Report } from "../report.ts";
import { formatDuration } from "./duration.ts";
import type { SuiteRequest } from "./messages.ts";
import { VERSION } from "./version.ts";

/** A request with everything decided. */
export interface Plan {
  readonly request: SuiteRequest;
  readonly config: ResolvedConfig;
  readonly users: number;
  readonly seed: number;
}

/** What a report says of its run, whatever was found. */
export type ReportHead = Pick<
  Report,
  | "version"
  | "tool"
  | "startedAt"
  | "durationMs"
  | "target"
  | "users"
  | "seed"
  | "again"
  | "environment"
>;

/** The head of a report on `plan`, as of now. */
export function headOf(plan: Plan, command: string, startedAt: Date): ReportHead {
  const { config, users, seed, request } = plan;
  const { kind } = config.target;
  return {
    version: 1,
    tool: { name: "watertight", version: VERSION },
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    target: { kind, label: labelOf(request), command },
    users,
    seed,
    again: againOf(plan, request.only),
    environment: {
      node: process.version,
      platform: process.platform,
      cpus: availableParallelism(),
    },
  };
}

/** The command that makes some checks, or the soak, again. */
export function againOf({ request, users, seed }: Plan, only: readonly string[]): string {
  const { target: path, url, soak, thorough } = request;
  const word = /\s/.test(path) ? `"${path}"` : path;
  const server = url === undefined ? "" : ` --url ${url}`;
  const target = `${word === "." ? "" : ` ${word}`}${server}`;
  const long = thorough === true ? " --thorough" : "";
  const checks = `${only.length === 0 ? "" : ` --only ${only.join(",")}`}${long}`;
  const [command, extent] =
    soak === undefined
      ? ["check", checks]
      : ["soak", ` --for ${formatDuration(soak.forMs)} --window ${formatDuration(soak.windowMs)}`];
  return `npx watertight ${command}${target}${extent} --seed ${seed} --users ${users}`;
}

/** A report is read elsewhere: there, "." would say nothing. */
function labelOf({ target, folder }: SuiteRequest): string {
  return target === "." ? basename(folder) : target;
}
