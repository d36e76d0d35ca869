import type { CategoryResult, IsolationTestResult, Report } from "../report.ts";
import type { Bench } from "../suite/bench.ts";
import type { Category } from "../suite/check.ts";
import { routingMatrix } from "../suite/metrics.ts";
import { worst } from "../suite/run-suite.ts";
import { gapsOf, notCovered } from "./not-covered.ts";
import type { ReportHead } from "./plan.ts";

/** A check that could not go on, and what was seen until then. */
export class BrokenOff extends Error {
  readonly soFar: Report;

  constructor(soFar: Report, cause: unknown) {
    super("Expected the checks to come to their end", { cause });
    this.soFar = soFar;
  }
}

/** What is known of a run that was broken off by `error`. */
export interface Remains {
  readonly bench: Bench;
  readonly head: ReportHead;
  readonly only: readonly string[];
  readonly complaints: readonly string[];
  readonly categories: readonly Category[];
  /** The checks that were begun, the one that broke included. */
  readonly made: readonly IsolationTestResult[];
  readonly error: unknown;
}

/** A report of the checks that were begun. It is never a pass, and says first what broke it off, and where. */
export function reportSoFar(remains: Remains): Report {
  const { bench, head, only, complaints, made } = remains;
  const categories = remains.categories.flatMap((category) => resultOf(category, made));
  const verdict = worst(categories.map((category) => category.verdict));
  const known = gapsOf(bench, { only, complaints, hasShape: true });
  // Of a process that is gone nobody can tell any more what could be seen.
  const gaps = bench.config.target.kind === "url" ? known : { ...known, blindness: undefined };
  return {
    ...head,
    verdict: verdict === "passed" ? "inconclusive" : verdict,
    categories,
    metrics: { isolation: null, routing: null, memory: null, responseTime: null, incidents: null },
    performance: bench.performance ?? null,
    memory: bench.memory ?? null,
    matrix: routingMatrix(bench.totals, bench.identities.length),
    notCovered: [explain(remains), ...notCovered(bench.config, gaps)],
  };
}

function resultOf(
  { id, title, checks }: Category,
  made: readonly IsolationTestResult[],
): CategoryResult[] {
  const begun = checks.flatMap((check) => made.filter((result) => result.id === check.id));
  if (begun.length === 0) return [];
  return [{ id, title, verdict: worst(begun.map(({ verdict }) => verdict)), checks: begun }];
}

function explain({ categories, made, error }: Remains): string {
  const begun = made.map(({ id }) => id);
  const missing = categories.flatMap(({ checks }) => checks.map(({ id }) => id));
  const left = missing.filter((id) => !begun.includes(id));
  const last = begun.at(-1);
  const where = last === undefined ? "before the first check was made" : `in ${last}`;
  const rest = left.length === 0 ? "" : ` Not made: ${left.join(", ")}.`;
  return `The run was broken off ${where}: ${reasonOf(error)}${rest}`;
}

/** The first line: what a process printed last stands behind it. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0] ?? "";
}
