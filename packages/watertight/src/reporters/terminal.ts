import type { Finding, Holder, Verdict } from "../finding.ts";
import { metricSentences } from "./metric-sentences.ts";
import { COLOR, MARK } from "./verdict-marks.ts";
import type { CategoryResult, IsolationTestResult, Report } from "../report.ts";

export interface TerminalOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Where the HTML report was written, as the user would type it. */
  readonly reportPath: string;
}

const DIM = 2;
const BOLD = 1;
/** So many findings of a check are spelled out, each of another kind; the report has all. */
const SHOWN_FINDINGS = 3;

/** Writes a report for people at a terminal: what was shown, what failed, where, and what to do. */
export function renderTerminal(report: Report, options: TerminalOptions): string {
  const page = new Page(options);
  for (const category of report.categories) writeCategory(page, category);
  page.line(2, verdictLine(report), { color: COLOR[report.verdict], bold: true });
  page.line(2, metricSentences(report.metrics).join(" · "));
  page.line(2, `Again:  ${report.again}`);
  page.line(2, `Report: ${options.reportPath}`);
  if (report.notCovered.length > 0) page.line(2, "Not covered:", { dim: true });
  for (const gap of report.notCovered) page.line(4, `- ${gap}`, { dim: true, hanging: 6 });
  return page.text;
}

interface Style {
  readonly color?: number;
  readonly bold?: boolean;
  readonly dim?: boolean;
  /** Where the lines after the first begin. Default: where the first does. */
  readonly hanging?: number;
}

/** Lines of text, wrapped at the width of the terminal and painted if it can show colors. */
class Page {
  readonly #color: boolean;
  readonly #width: number;
  text = "";

  constructor({ color, width }: TerminalOptions) {
    this.#color = color;
    this.#width = width;
  }

  line(indent: number, text: string, style: Style = {}): void {
    const { hanging = indent } = style;
    const [first = "", ...others] = wrap(text, this.#width - indent, this.#width - hanging);
    this.text += `${" ".repeat(indent)}${this.#paint(first, style)}\n`;
    for (const line of others) this.text += `${" ".repeat(hanging)}${this.#paint(line, style)}\n`;
  }

  blank(): void {
    this.text += "\n";
  }

  #paint(text: string, { color, bold = false, dim = false }: Style): string {
    const codes = [bold ? BOLD : undefined, dim ? DIM : undefined, color].filter(Boolean);
    return this.#color && codes.length > 0 ? `\u001B[${codes.join(";")}m${text}\u001B[0m` : text;
  }
}

function writeCategory(page: Page, { id, title, verdict, checks }: CategoryResult): void {
  const passed = checks.filter((check) => check.verdict === "passed").length;
  const name = `${MARK[verdict]} ${id} ${title}`.padEnd(44);
  page.line(2, `${name} ${passed}/${checks.length}`, { color: COLOR[verdict], bold: true });
  for (const check of checks) writeCheck(page, check);
  page.blank();
}

function writeCheck(
  page: Page,
  { id, title, verdict, reason, findings }: IsolationTestResult,
): void {
  const color = COLOR[verdict];
  if (verdict === "passed") return page.line(4, `${id} ${reason}`, { dim: true, hanging: 8 });
  page.line(4, `${id} ${title}: ${verdict}`, { color });
  if (verdict === "inconclusive") return page.line(8, reason);
  const shown = oneOfEachKind(findings).slice(0, SHOWN_FINDINGS);
  for (const finding of shown) writeFinding(page, finding);
  const others = findings.length - shown.length;
  if (others > 0) page.line(8, `… and ${others} more in the report`, { dim: true });
}

function oneOfEachKind(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(
    ({ kind }, place) => findings.findIndex((finding) => finding.kind === kind) === place,
  );
}

function writeFinding(page: Page, finding: Finding): void {
  const { tier, title, expected, heldIn, pattern, replay, fix, lacks, id } = finding;
  page.line(8, `${title}${frameText(finding)}`, { bold: true });
  const rows: [string, string | undefined][] = [
    ["expected", expected],
    ...heldIn.slice(0, 2).map((holder): [string, string] => ["held in", holderText(holder)]),
    ["pattern", `${pattern.name}, seed ${pattern.seed} — replay: ${replay}`],
    ["fix", `${fix.text}: ${fix.page}`],
    ["lacks", lacks],
    ["evidence", `${tier}, ${id}`],
  ];
  for (const [label, text] of rows) {
    if (text !== undefined) page.line(8, `${label.padEnd(10)}${text}`, { hanging: 18 });
  }
}

function frameText({ frame, canary }: Finding): string {
  if (frame === undefined) return "";
  const token = canary === undefined ? "" : `, canary ${canary.token.slice(0, 12)}…`;
  return ` (first: ${frame.connection} frame ${frame.index}, ${frame.type}${token})`;
}

function holderText({ file, line, variable, path, kind }: Holder): string {
  const place = [file, line].filter((part) => part !== undefined).join(":");
  const [, ...steps] = path.split(" → ");
  const way = [`${kind} ${variable}`, ...steps].join(" → ");
  return place === "" ? way : `${place}   ${way}`;
}

function verdictLine({ categories, verdict }: Report): string {
  const count = (wanted: Verdict): number =>
    categories.filter((category) => category.verdict === wanted).length;
  const inconclusive = count("inconclusive");
  const rest = inconclusive === 0 ? "" : `, ${inconclusive} inconclusive`;
  return `${MARK[verdict]} ${count("passed")} passed, ${count("failed")} failed${rest}`;
}

/** Breaks a text at spaces; a word that is too long for a line stays whole. */
function wrap(text: string, first: number, others: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<= )/)) {
    const room = lines.length === 0 ? first : others;
    if (line !== "" && (line + word).trimEnd().length > room) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += word;
  }
  return [...lines, line.trimEnd()];
}
