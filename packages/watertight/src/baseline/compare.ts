import type {
  BaselineComparison,
  ComparedNumber,
  Estimate,
  KnownFinding,
  Standing,
} from "../baseline-comparison.ts";
import type { Finding, FindingKind, Verdict } from "../finding.ts";
import type { IsolationTestResult, Report } from "../report.ts";
import type { Baseline, BaselineFinding, BaselineRun } from "./baseline.ts";
import { type MeasuredNumber, numbersOf } from "./numbers.ts";

/** A number must be this much larger than before to be worse, however sure the difference is. */
const LEAST_CHANGE = 1.2;

/** The positive control of run-suite.ts: with fewer answers that carry the user's own canary, nothing was proved. */
const CONTROL_SHARE = 0.9;

/** Kinds of findings that a check tells for each pair of users. */
const OF_PAIRS: readonly FindingKind[] = Object.freeze<FindingKind[]>([
  "leak",
  "swap",
  "outbound-leak",
]);

/** Kinds of findings that leave users without answers. */
const UNANSWERED: readonly FindingKind[] = Object.freeze<FindingKind[]>([
  "loss",
  "swap",
  "unexpected",
  "blocked",
  "missing-death",
  "wrong-death",
]);

export interface ComparisonOptions {
  /** The file, as it was named on the command line. */
  readonly file: string;
  /** Whether stale entries fail the run. */
  readonly strict: boolean;
}

/** Holds a run against a baseline: what is new, what is worse, what is not seen any more. */
export function compareWithBaseline(
  report: Report,
  baseline: Baseline,
  { file, strict }: ComparisonOptions,
): BaselineComparison {
  const checks = report.categories.flatMap((category) => category.checks);
  const findings = checks.flatMap((check) => check.findings);
  const known = Object.fromEntries(
    findings.flatMap((finding) => {
      const entry = findEntry(finding, baseline.findings);
      return entry === undefined ? [] : [[finding.id, toKnown(entry)] as const];
    }),
  );
  const made = checks.filter(({ verdict }) => verdict !== "inconclusive").map(({ id }) => id);
  const isSeen = (entry: BaselineFinding): boolean =>
    findings.some((finding) => knows(entry, finding));
  const stale = baseline.findings.filter((entry) => made.includes(entry.check) && !isSeen(entry));
  const standings = Object.fromEntries(checks.map((check) => [check.id, standing(check, known)]));
  const { numbers, notCompared } = compareNumbers(report, baseline);
  const fails = numbers.some(({ outcome }) => outcome === "worse") || (strict && stale.length > 0);
  return {
    file,
    strict,
    verdict: fails ? "failed" : verdictOf(Object.values(standings)),
    checks: standings,
    known,
    stale: stale.map(toKnown),
    numbers,
    notCompared,
  };
}

/** Where a finding was held: the file and the variable, without the line, which moves. */
export function placesOf({ heldIn }: Finding): readonly string[] {
  return heldIn.map(({ file, variable }) =>
    file === undefined ? variable : `${file} ${variable}`,
  );
}

/** The entry that knows a finding, the one with its id before others. */
export function findEntry(
  finding: Finding,
  entries: readonly BaselineFinding[],
): BaselineFinding | undefined {
  const own = entries.find(({ id }) => id === finding.id);
  return own ?? entries.find((entry) => knows(entry, finding));
}

/**
 * A finding is known by its id. The users in it change with the seed, so it is also known by check,
 * kind and a place; and without a place, if a check tells its kind only once.
 */
function knows(entry: BaselineFinding, finding: Finding): boolean {
  const { id, check, kind, place } = entry;
  if (id === finding.id) return true;
  if (check !== finding.check || kind !== finding.kind) return false;
  const places = placesOf(finding);
  if (place !== undefined) return places.includes(place);
  return places.length === 0 && !OF_PAIRS.includes(finding.kind);
}

function toKnown({ id, check, title, reason }: KnownFinding): KnownFinding {
  return { id, check, title, reason };
}

/**
 * A check that has only known findings must still have proved something: the positive control must be
 * there, or its gaps be what the known findings tell of.
 */
function standing(
  { verdict, findings, control }: IsolationTestResult,
  known: Readonly<Record<string, KnownFinding>>,
): Standing {
  if (verdict !== "failed") return verdict;
  if (findings.length === 0 || findings.some(({ id }) => known[id] === undefined)) return "failed";
  const share = control.expected === 0 ? 0 : control.received / control.expected;
  const isExplained = share > 0 && findings.some(({ kind }) => UNANSWERED.includes(kind));
  return isExplained || share >= CONTROL_SHARE ? "known" : "inconclusive";
}

function verdictOf(standings: readonly Standing[]): Verdict {
  if (standings.includes("failed")) return "failed";
  return standings.includes("inconclusive") || standings.length === 0 ? "inconclusive" : "passed";
}

function compareNumbers(
  report: Report,
  baseline: Baseline,
): Pick<BaselineComparison, "numbers" | "notCompared"> {
  const numbers: ComparedNumber[] = [];
  const notCompared: string[] = [];
  const measured = numbersOf(report);
  for (const now of measured) {
    const runs = baseline.numbers.find(({ name }) => name === now.name)?.runs ?? [];
    const comparable = runs.filter((run) => !now.isOfThisNode || isSameNode(run, report));
    if (comparable.length > 0) numbers.push(compareNumber(now, comparable));
    else notCompared.push(`The baseline does not have the ${now.name}${whyNot(runs, report)}.`);
  }
  for (const { name, runs } of baseline.numbers) {
    if (runs.length === 0 || measured.some((now) => now.name === name)) continue;
    notCompared.push(`This run did not measure the ${name}.`);
  }
  return { numbers, notCompared };
}

function isSameNode({ node, platform }: BaselineRun, { environment }: Report): boolean {
  return platform === environment.platform && majorOf(node) === majorOf(environment.node);
}

function majorOf(version: string): string | undefined {
  return version.split(".")[0];
}

function whyNot(runs: readonly BaselineRun[], { environment }: Report): string {
  if (runs.length === 0) return "";
  return ` on Node ${majorOf(environment.node)} and ${environment.platform}`;
}

/**
 * Worse, if the number is larger beyond noise than before, and by at least 20 % and a noticeable
 * amount. Better likewise.
 */
function compareNumber(now: MeasuredNumber, runs: readonly Estimate[]): ComparedNumber {
  const before: Estimate = {
    value: median(runs.map(({ value }) => value)),
    low: Math.min(...runs.map(({ low }) => low)),
    high: Math.max(...runs.map(({ high }) => high)),
  };
  const { name, unit, value, low, high, least } = now;
  const isMore = (more: Estimate, less: Estimate): boolean =>
    isBeyondNoise(more, less) &&
    more.value > Math.max(less.value, 0) * LEAST_CHANGE &&
    more.value - less.value > least;
  const outcome = isMore(now, before) ? "worse" : isMore(before, now) ? "better" : "as before";
  return { name, unit, now: { value, low, high }, before, runs: runs.length, outcome };
}

/**
 * Whether the 95 % interval of the difference, made of the intervals of both, lies above zero.
 * Source: G. Y. Zou, A. Donner, Construction of confidence limits about effect measures (2008).
 */
function isBeyondNoise(more: Estimate, less: Estimate): boolean {
  return more.value - less.value > Math.hypot(more.value - more.low, less.high - less.value);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
