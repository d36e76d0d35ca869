import type { Standing } from "../baseline-comparison.ts";
import type { CategoryResult, IsolationTestResult, Report } from "../report.ts";
import { findingBlock, findingHeadline } from "./finding-text.ts";
import { placed } from "./place.ts";
import { knownAs, standingOf } from "./standing.ts";

/** Inconclusive counts as failed, because dashboards take `other` for no trouble. */
const STATUS: Readonly<Record<Standing, "passed" | "failed" | "skipped">> = Object.freeze({
  passed: "passed",
  failed: "failed",
  inconclusive: "failed",
  known: "skipped",
});

/**
 * The report in the Common Test Report Format 1.0: a test for each check, with its own word in
 * `rawStatus`. Excerpts of frames are left out.
 */
export function renderCtrf(report: Report): string {
  const { tool, startedAt, durationMs, target, users, seed, again, metrics, environment } = report;
  const start = new Date(startedAt).getTime() || 0;
  const tests = report.categories.flatMap((category) =>
    category.checks.map((check) => toTest(report, category, check)),
  );
  const count = (status: string): number => tests.filter((test) => test.status === status).length;
  const document = {
    reportFormat: "CTRF",
    specVersion: "1.0.0",
    timestamp: new Date(start + durationMs).toISOString(),
    generatedBy: `${tool.name} ${tool.version}`,
    results: {
      tool,
      summary: {
        tests: tests.length,
        passed: count("passed"),
        failed: count("failed"),
        skipped: count("skipped"),
        pending: 0,
        other: 0,
        suites: report.categories.length,
        start,
        stop: start + Math.round(durationMs),
        duration: Math.round(durationMs),
      },
      tests,
      environment: {
        appName: target.label,
        osPlatform: environment.platform,
        extra: { node: environment.node, cpus: environment.cpus },
      },
      extra: { users, seed, again, metrics, baseline: report.baseline ?? null },
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function toTest(report: Report, { id, title }: CategoryResult, check: IsolationTestResult) {
  const { findings, reason, users, events, patterns } = check;
  const standing = standingOf(report, check);
  const first = findings.find((finding) => knownAs(report, finding) === undefined) ?? findings[0];
  const [holder] = placed(first?.heldIn ?? []);
  return {
    testId: `watertight/${check.id}`,
    name: `${check.id} ${check.title}`,
    status: STATUS[standing],
    rawStatus: standing,
    duration: Math.round(check.durationMs),
    suite: [`${id} ${title}`],
    type: "isolation",
    message: first === undefined ? reason : findingHeadline(first),
    ...(findings.length === 0 ? {} : { trace: findings.map(findingBlock).join("\n\n") }),
    ...(holder === undefined ? {} : { filePath: holder.file }),
    ...(holder?.line === undefined ? {} : { line: holder.line }),
    labels: { users, events, findings: findings.length },
    tags: [...patterns],
  };
}
