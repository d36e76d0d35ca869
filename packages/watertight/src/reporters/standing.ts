import type { KnownFinding, Standing } from "../baseline-comparison.ts";
import type { Finding, Verdict } from "../finding.ts";
import type { CategoryResult, IsolationTestResult, Report } from "../report.ts";

/** All checks of a report, in order. */
export function checksOf({ categories }: Report): readonly IsolationTestResult[] {
  return categories.flatMap(({ checks }) => checks);
}

/** All findings of a report, in order. */
export function findingsOf(report: Report): readonly Finding[] {
  return checksOf(report).flatMap(({ findings }) => findings);
}

/** What a check counts for: under a baseline, known findings don't fail it. */
export function standingOf(report: Report, { id, verdict }: IsolationTestResult): Standing {
  return report.baseline?.checks[id] ?? verdict;
}

/** What a category counts for: the worst of its checks. */
export function categoryStanding(report: Report, { checks, verdict }: CategoryResult): Standing {
  const standings = checks.map((check) => standingOf(report, check));
  return WORST_FIRST.find((standing) => standings.includes(standing)) ?? verdict;
}

/** What a run counts for, which is what the exit code says. */
export function verdictOf({ baseline, verdict }: Report): Verdict {
  return baseline?.verdict ?? verdict;
}

/** The entry of the baseline that knows a finding. */
export function knownAs({ baseline }: Report, { id }: Finding): KnownFinding | undefined {
  return baseline?.known[id];
}

const WORST_FIRST: readonly Standing[] = Object.freeze<Standing[]>([
  "failed",
  "inconclusive",
  "known",
  "passed",
]);
