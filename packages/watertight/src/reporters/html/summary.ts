import type { Finding, FindingKind, Verdict } from "../../finding.ts";
import type { IsolationTestResult, Report } from "../../report.ts";
import { count, plural } from "./text.ts";

const MIXING: readonly FindingKind[] = Object.freeze<FindingKind[]>([
  "leak",
  "swap",
  "foreign-access",
]);

/** All checks of a report, in order. */
export function checksOf(report: Report): readonly IsolationTestResult[] {
  return report.categories.flatMap(({ checks }) => checks);
}

/** Frames that were scanned. Checks may share a round, so their sum is only the second best. */
function framesOf(report: Report): number {
  const summed = checksOf(report).reduce((sum, { events }) => sum + events, 0);
  return report.metrics.routing?.total ?? summed;
}

/** One sentence that says what the verdict rests on. */
export function verdictSentence(report: Report): string {
  const checks = checksOf(report);
  const what = [
    plural(report.users, "user"),
    plural(checks.length, "check"),
    `${plural(framesOf(report), "frame")} scanned`,
  ].join(", ");
  return `${what}: ${CONCLUSION[report.verdict](report, checks)}`;
}

type Conclude = (report: Report, checks: readonly IsolationTestResult[]) => string;

const CONCLUSION: Readonly<Record<Verdict, Conclude>> = Object.freeze({
  passed: () => "nobody received anything of anybody else’s.",
  failed: (report, checks) => {
    if (checks.some(({ findings }) => findings.some(isMixed))) return mixed(report);
    const failed = checks.filter(({ verdict }) => verdict === "failed").length;
    return `nobody received anything of anybody else’s, but ${plural(failed, "check")} failed.`;
  },
  inconclusive: (_report, checks) => {
    const unsure = checks.filter(({ verdict }) => verdict === "inconclusive").length;
    return `nothing is proved. ${count(unsure)} of ${plural(checks.length, "check")} could not be judged.`;
  },
});

function mixed({ metrics: { isolation } }: Report): string {
  const reached = "one user’s data reached another.";
  if (isolation === null) return reached;
  const { isolatedUsers, users } = isolation;
  const stayed = isolatedUsers === 0 ? "None" : count(isolatedUsers);
  return `${reached} ${stayed} of ${plural(users, "user")} stayed isolated.`;
}

function isMixed({ kind, tier, canary }: Finding): boolean {
  return tier === "proved" && (MIXING.includes(kind) || canary !== undefined);
}
