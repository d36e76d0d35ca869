import type { Finding } from "../finding.ts";
import type { CategoryResult, Report } from "../report.ts";
import { baselineDetails, baselineSummary } from "./baseline-sentences.ts";
import { exposureText, findingHeadline, findingRows } from "./finding-text.ts";
import { loadSentences } from "./load-sentences.ts";
import { metricSentences } from "./metric-sentences.ts";
import { oneLine, plural } from "./plain-text.ts";
import { checksOf, findingsOf, knownAs, standingOf, verdictOf } from "./standing.ts";
import { MARK } from "./verdict-marks.ts";

/** A summary of a step may have 1 MiB; a finding takes about 2 KB. */
const MAX_FINDINGS = 50;

/**
 * A summary for pages that show Markdown: the verdict, the five metrics, a table of the checks, the
 * findings folded away. Excerpts of frames and the target's command line are left out: of what the
 * target said, only the beginning of a canary is in it.
 */
export function renderMarkdown(report: Report): string {
  const verdict = verdictOf(report);
  const parts = [
    `## ${MARK[verdict]} watertight: ${verdict}`,
    headline(report),
    [...metricSentences(report.metrics), ...loadSentences(report)].map(item).join("\n"),
    baselinePart(report),
    checkTable(report.categories, report),
    findingsPart(report),
    exposedPart(report),
    `Again: \`${code(report.again)}\``,
    notCoveredPart(report),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function headline(report: Report): string {
  const { target, users, seed } = report;
  const checks = plural(checksOf(report).length, "check");
  const findings = plural(findingsOf(report).length, "finding");
  return escape(`${target.label}: ${users} users, ${checks}, ${findings}, seed ${seed}`);
}

function baselinePart(report: Report): string {
  const { baseline } = report;
  if (baseline === undefined) return "";
  const lines = [baselineSummary(baseline, findingsOf(report).length), ""];
  return [...lines.map(escape), ...baselineDetails(baseline).map(item)].join("\n").trimEnd();
}

function checkTable(categories: readonly CategoryResult[], report: Report): string {
  const rows = categories.flatMap(({ checks }) =>
    checks.map((check) => {
      const standing = standingOf(report, check);
      const seconds = (check.durationMs / 1000).toFixed(1);
      const name = escape(`${check.id} ${check.title}`);
      return `| ${MARK[standing]} ${standing} | ${name} | ${seconds} s | ${escape(check.reason)} |`;
    }),
  );
  return ["| verdict | check | time | shown |", "| --- | --- | ---: | --- |", ...rows].join("\n");
}

function findingsPart(report: Report): string {
  const findings = findingsOf(report);
  const shown = findings.slice(0, MAX_FINDINGS).map((one) => findingPart(report, one));
  const rest = findings.length - shown.length;
  if (rest > 0) shown.push(`… and ${plural(rest, "more finding")} in the report.`);
  return shown.join("\n\n");
}

function findingPart(report: Report, finding: Finding): string {
  const known = knownAs(report, finding) === undefined ? "" : "known: ";
  // A crash expects something else than the end of what the target printed, which may be anything.
  const isPrinted = (label: string): boolean => finding.kind === "crash" && label === "expected";
  const rows = findingRows(finding)
    .filter(([label]) => !isPrinted(label))
    .map(([label, text]) => `- ${label}: ${escape(text)}`);
  const summary = escape(`${finding.check} ${known}${findingHeadline(finding)}`);
  return `<details><summary>${summary}</summary>\n\n${rows.join("\n")}\n\n</details>`;
}

/** Notes: they fail nothing. */
function exposedPart({ exposed = [] }: Report): string {
  if (exposed.length === 0) return "";
  const notes = exposed.map((finding) => item(exposureText(finding))).join("\n");
  const summary = `${plural(exposed.length, "note")} on what the server prints`;
  return `<details><summary>${summary}</summary>\n\n${notes}\n\n</details>`;
}

function notCoveredPart({ notCovered }: Report): string {
  if (notCovered.length === 0) return "";
  const gaps = notCovered.map(item).join("\n");
  return `<details><summary>Not covered</summary>\n\n${gaps}\n\n</details>`;
}

function item(text: string): string {
  return `- ${escape(text)}`;
}

/** Whatever a target sent stays text: as entities, because a backslash means nothing in a table or in HTML. */
function escape(text: string): string {
  return oneLine(text).replaceAll(
    /[&<>|`*_[\]\\~#@]/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

function code(text: string): string {
  return oneLine(text).replaceAll("`", "'");
}
