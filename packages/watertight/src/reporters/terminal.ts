import type { Standing } from "../baseline-comparison.ts";
import type { Finding } from "../finding.ts";
import type { CategoryResult, IsolationTestResult, Report } from "../report.ts";
import { baselineDetails, baselineSummary } from "./baseline-sentences.ts";
import { exposureText, findingHeadline, findingRows, labelled } from "./finding-text.ts";
import { loadSentences } from "./load-sentences.ts";
import { metricSentences } from "./metric-sentences.ts";
import { categoryStanding, findingsOf, knownAs, standingOf, verdictOf } from "./standing.ts";
import { TerminalPage } from "./terminal-page.ts";
import { COLOR, MARK } from "./verdict-marks.ts";

export interface TerminalOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Where the HTML report was written, as the user would type it; `undefined` if it was not. */
  readonly reportPath: string | undefined;
}

/** So many findings of a check are spelled out, each of another kind; the report has all. */
const SHOWN_FINDINGS = 3;
const LABEL_WIDTH = 10;

/** Writes a report for people at a terminal: what was shown, what failed, where, and what to do. */
export function renderTerminal(report: Report, options: TerminalOptions): string {
  const page = new TerminalPage(options);
  for (const category of report.categories) writeCategory(page, report, category);
  page.line(2, verdictLine(report), { color: COLOR[verdictOf(report)], bold: true });
  page.line(2, metricSentences(report.metrics).join(" · "));
  for (const sentence of loadSentences(report)) page.line(2, sentence, { hanging: 4 });
  writeExposed(page, report);
  writeBaseline(page, report);
  page.line(2, `Again:  ${report.again}`);
  if (options.reportPath !== undefined) page.line(2, `Report: ${options.reportPath}`);
  if (report.notCovered.length > 0) page.line(2, "Not covered:", { dim: true });
  for (const gap of report.notCovered) page.line(4, `- ${gap}`, { dim: true, hanging: 6 });
  return page.text;
}

function writeCategory(page: TerminalPage, report: Report, category: CategoryResult): void {
  const { id, title, checks } = category;
  const standing = categoryStanding(report, category);
  const passed = checks.filter((check) => check.verdict === "passed").length;
  const name = `${MARK[standing]} ${id} ${title}`.padEnd(44);
  page.line(2, `${name} ${passed}/${checks.length}`, { color: COLOR[standing], bold: true });
  for (const check of checks) writeCheck(page, report, check);
  page.blank();
}

function writeCheck(page: TerminalPage, report: Report, check: IsolationTestResult): void {
  const { id, title, verdict, reason, findings } = check;
  const standing = standingOf(report, check);
  if (verdict === "passed") return page.line(4, `${id} ${reason}`, { dim: true, hanging: 8 });
  const known = standing === "known" ? "failed as known" : standing;
  page.line(4, `${id} ${title}: ${known}`, { color: COLOR[standing] });
  if (findings.length === 0) return page.line(8, reason);
  const fresh = findings.filter((finding) => knownAs(report, finding) === undefined);
  const shown = oneOfEachKind(fresh).slice(0, SHOWN_FINDINGS);
  for (const finding of shown) writeFinding(page, finding);
  const others = fresh.length - shown.length;
  if (others > 0) page.line(8, `… and ${others} more in the report`, { dim: true });
  const old = findings.length - fresh.length;
  if (old > 0) page.line(8, `${old} known, see the baseline below`, { dim: true });
  if (standing === "inconclusive") page.line(8, silence(check));
}

/** Why a check that has known findings only is not known. */
function silence({ control: { expected, received } }: IsolationTestResult): string {
  return `Only ${received} of ${expected} answers carried the user's own secret, so nothing else was proved.`;
}

function oneOfEachKind(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(
    ({ kind }, place) => findings.findIndex((finding) => finding.kind === kind) === place,
  );
}

function writeFinding(page: TerminalPage, finding: Finding): void {
  page.line(8, findingHeadline(finding), { bold: true });
  for (const [label, text] of findingRows(finding)) {
    page.line(8, labelled(label, text), { hanging: 8 + LABEL_WIDTH });
  }
}

/** Notes: they fail nothing. */
function writeExposed(page: TerminalPage, { exposed = [] }: Report): void {
  for (const finding of exposed.slice(0, SHOWN_FINDINGS)) {
    page.line(2, `Note:   ${exposureText(finding)}`, { hanging: LABEL_WIDTH });
    page.line(LABEL_WIDTH, `for example: ${finding.example ?? ""}`);
  }
  const others = exposed.length - SHOWN_FINDINGS;
  if (others > 0) page.line(LABEL_WIDTH, `… and ${others} more in the report`, { dim: true });
}

function writeBaseline(page: TerminalPage, report: Report): void {
  const { baseline } = report;
  if (baseline === undefined) return;
  page.line(2, baselineSummary(baseline, findingsOf(report).length));
  for (const detail of baselineDetails(baseline)) page.line(4, `- ${detail}`, { hanging: 6 });
}

function verdictLine(report: Report): string {
  const standings = report.categories.map((category) => categoryStanding(report, category));
  const count = (wanted: Standing): number =>
    standings.filter((standing) => standing === wanted).length;
  const rest = (["inconclusive", "known"] as const)
    .filter((standing) => count(standing) > 0)
    .map((standing) => `, ${count(standing)} ${standing}`);
  const verdict = verdictOf(report);
  if (verdict === "failed" && count("failed") === 0) rest.push(baselineTrouble(report));
  return `${MARK[verdict]} ${count("passed")} passed, ${count("failed")} failed${rest.join("")}`;
}

/** Why a run fails although each of its checks passed or is known. */
function baselineTrouble({ baseline }: Report): string {
  const isWorse = baseline?.numbers.some(({ outcome }) => outcome === "worse") === true;
  return isWorse ? ", worse than the baseline" : ", stale entries in the baseline";
}
