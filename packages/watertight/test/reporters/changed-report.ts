import type { BaselineComparison } from "../../src/baseline-comparison.ts";
import type { Finding } from "../../src/finding.ts";
import type { Report } from "../../src/report.ts";
import { leakFinding, passedReport, singleLeakReport } from "./sample-report.ts";

/** A report in which check 2.1 failed with these findings. */
export function reportWith(findings: readonly Finding[], changes: Partial<Report> = {}): Report {
  const report = singleLeakReport();
  const categories = report.categories.map((category) => ({
    ...category,
    checks: category.checks.map((check) => (check.id === "2.1" ? { ...check, findings } : check)),
  }));
  return { ...report, categories, ...changes };
}

/** What a target might send to break out of a format: of XML, Markdown, HTML, a terminal, a workflow. */
export const HOSTILE =
  "]]> <b x='1'>&amp; \"q\" | `code` [l](u) \u0000\u001B[31m\uD800 \r\n::error::owned\n::set-output name=a::b";

/** A report in which everything that can come from a target is hostile. */
export function hostileReport(): Report {
  const { frame, canary, heldIn } = leakFinding(1, 2, 3);
  const finding = leakFinding(1, 2, 3, {
    title: HOSTILE,
    expected: HOSTILE,
    ...(frame === undefined ? {} : { frame: { ...frame, type: HOSTILE, excerpt: HOSTILE } }),
    ...(canary === undefined ? {} : { canary: { ...canary, label: HOSTILE } }),
    heldIn: heldIn.map((holder) => ({ ...holder, variable: HOSTILE, file: `src/${HOSTILE}` })),
  });
  const report = reportWith([finding]);
  const categories = report.categories.map((category) => ({
    ...category,
    title: HOSTILE,
    checks: category.checks.map((check) =>
      check.id === "1.1"
        ? { ...check, title: HOSTILE, verdict: "inconclusive" as const, reason: HOSTILE }
        : check,
    ),
  }));
  return { ...report, categories, notCovered: [HOSTILE] };
}

/** A report of one known and one new finding, a number that is worse, and a stale entry. */
export function comparedReport(changes: Partial<BaselineComparison> = {}): Report {
  const known = leakFinding(7, 3, 4);
  const fresh = leakFinding(1, 2, 3, { kind: "swap", title: "user-01 and user-02 were swapped" });
  const entry = { id: known.id, check: "2.1", title: known.title, reason: "fixed in May" };
  const baseline: BaselineComparison = {
    file: "watertight-baseline.json",
    strict: false,
    verdict: "failed",
    checks: { "2.1": "failed" },
    known: { [known.id]: entry },
    stale: [{ id: "wt-000001", check: "1.2", title: "an old one", reason: "" }],
    numbers: [
      {
        name: "memory per user who left",
        unit: "B",
        now: { value: 900, low: 850, high: 950 },
        before: { value: 44, low: -31, high: 118 },
        runs: 3,
        outcome: "worse",
      },
    ],
    notCompared: ["This run did not measure the weather."],
    ...changes,
  };
  return reportWith([known, fresh], { baseline });
}

/** A report whose only findings are known. */
export function knownReport(): Report {
  const known = leakFinding(7, 3, 4);
  const entry = { id: known.id, check: "2.1", title: known.title, reason: "fixed in May" };
  return reportWith([known], {
    baseline: {
      ...comparedReport().baseline,
      file: "base.json",
      strict: false,
      verdict: "passed",
      checks: { "2.1": "known" },
      known: { [known.id]: entry },
      stale: [],
      numbers: [],
      notCompared: [],
    },
  });
}

/** A passed report without anything that was measured under load. */
export function unmeasuredReport(): Report {
  const metrics = {
    isolation: null,
    routing: null,
    memory: null,
    responseTime: null,
    incidents: null,
  };
  return passedReport({ metrics, performance: null, memory: null });
}
