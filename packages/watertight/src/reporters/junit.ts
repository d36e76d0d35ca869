import type { BaselineComparison } from "../baseline-comparison.ts";
import type { CategoryResult, IsolationTestResult, Report } from "../report.ts";
import { comparedText } from "./baseline-sentences.ts";
import { findingBlock, findingHeadline } from "./finding-text.ts";
import { knownAs, standingOf } from "./standing.ts";

/** A test case that is not passed has one child of this name. */
type Trouble = "failure" | "error" | "skipped";

interface TestCase {
  readonly name: string;
  readonly className: string;
  readonly seconds: number;
  readonly trouble?: { readonly tag: Trouble; readonly message: string; readonly body: string };
}

interface TestSuite {
  readonly name: string;
  readonly cases: readonly TestCase[];
}

/**
 * The report as JUnit XML: a test suite for each category, a test case for each check. Failed is a
 * failure; inconclusive is an error, so that nobody takes it for green; known under a baseline is
 * skipped. Excerpts of frames are left out.
 */
export function renderJunit(report: Report): string {
  const { target, startedAt, durationMs, baseline } = report;
  const suites = report.categories.map((category) => categorySuite(report, category));
  if (baseline !== undefined) suites.push(baselineSuite(baseline));
  const cases = suites.flatMap((suite) => suite.cases);
  const head = `name="${xml(`watertight ${target.label}`)}" ${counts(cases)}`;
  const time = `time="${seconds(durationMs)}" timestamp="${xml(startedAt.replace(/\.\d+Z$|Z$/, ""))}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${head} ${time}>
${suites.map((suite) => renderSuite(suite, report)).join("")}</testsuites>
`;
}

function categorySuite(report: Report, { id, title, checks }: CategoryResult): TestSuite {
  return {
    name: `${id} ${title}`,
    cases: checks.map((check) => ({
      name: `${check.id} ${check.title}`,
      className: `watertight.${id} ${title}`,
      seconds: check.durationMs / 1000,
      ...troubleOf(report, check),
    })),
  };
}

function troubleOf(report: Report, check: IsolationTestResult): Pick<TestCase, "trouble"> {
  const { reason, findings } = check;
  const body = findings.map(findingBlock).join("\n\n");
  const standing = standingOf(report, check);
  if (standing === "passed") return {};
  if (standing === "inconclusive") {
    return { trouble: { tag: "error", message: `inconclusive: ${reason}`, body: body || reason } };
  }
  if (standing === "known") {
    const message = `${findings.length} in the baseline ${report.baseline?.file ?? ""}`;
    return { trouble: { tag: "skipped", message, body } };
  }
  const first = findings.find((finding) => knownAs(report, finding) === undefined);
  const others = findings.length > 1 ? `, and ${findings.length - 1} more` : "";
  const message = first === undefined ? reason : findingHeadline(first) + others;
  return { trouble: { tag: "failure", message, body: body || reason } };
}

function baselineSuite({ numbers, stale, strict }: BaselineComparison): TestSuite {
  const className = "watertight.baseline";
  const compared = numbers.map((number): TestCase => {
    const message = comparedText(number);
    const trouble = { tag: "failure", message, body: message } as const;
    const isWorse = number.outcome === "worse";
    return { name: number.name, className, seconds: 0, ...(isWorse ? { trouble } : {}) };
  });
  const seen = stale.map(({ id, check, title }): TestCase => {
    const message = `not seen any more, though check ${check} was made: ${title}`;
    const tag = strict ? "failure" : "skipped";
    return { name: `stale ${id}`, className, seconds: 0, trouble: { tag, message, body: message } };
  });
  return { name: "baseline", cases: [...compared, ...seen] };
}

function renderSuite({ name, cases }: TestSuite, report: Report): string {
  const time = cases.reduce((sum, one) => sum + one.seconds, 0).toFixed(3);
  const properties = { seed: report.seed, users: report.users, again: report.again };
  const lines = Object.entries(properties).map(
    ([key, value]) => `      <property name="${key}" value="${xml(String(value))}"/>\n`,
  );
  return `  <testsuite name="${xml(name)}" ${counts(cases)} time="${time}">
    <properties>
${lines.join("")}    </properties>
${cases.map(renderCase).join("")}  </testsuite>
`;
}

function renderCase({ name, className, seconds: time, trouble }: TestCase): string {
  const head = `    <testcase name="${xml(name)}" classname="${xml(className)}" time="${time.toFixed(3)}"`;
  if (trouble === undefined) return `${head}/>\n`;
  const { tag, message, body } = trouble;
  const open = `<${tag} message="${xml(message)}"${tag === "skipped" ? "" : ' type="watertight"'}>`;
  return `${head}>\n      ${open}${xml(body)}</${tag}>\n    </testcase>\n`;
}

function counts(cases: readonly TestCase[]): string {
  const count = (tag: Trouble): number =>
    cases.filter(({ trouble }) => trouble?.tag === tag).length;
  return `tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}" skipped="${count("skipped")}"`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** Escapes a text for an element or an attribute; what XML 1.0 has no character for is replaced. */
function xml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replaceAll(/[&<>"'\t\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
