import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Finding, FindingKind } from "../finding.ts";
import { isRecord } from "../received.ts";
import type { Report } from "../report.ts";
import {
  findingHeadline,
  findingRows,
  holderText,
  labelled,
  SHOWN_HOLDERS,
} from "../reporters/finding-text.ts";
import { allKinds, KINDS } from "../reporters/kinds.ts";
import { findingsOf } from "../reporters/standing.ts";
import { TerminalPage } from "../reporters/terminal-page.ts";
import { KIND_DETAILS } from "./kind-details.ts";
import { usage } from "./usage.ts";

/** What `watertight explain` was asked to do. */
export interface ExplainArguments {
  /** The id of a finding, or a kind of findings. */
  readonly subject: string;
  /** The JSON report in which the finding is. */
  readonly report: string;
}

/** How it is written. */
export interface ExplainOptions {
  readonly folder: string;
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

const LABEL_WIDTH = 10;
const MOST_LISTED = 50;

/**
 * Explains a finding of a report, or a kind of findings without one. Answers the text. Throws WT_USAGE for what
 * is neither, with what there is.
 */
export async function explain(
  { subject, report: file }: ExplainArguments,
  options: ExplainOptions,
): Promise<string> {
  const page = new TerminalPage(options);
  if (isKind(subject)) {
    writeKind(page, subject);
    return page.text;
  }
  const report = await readReport(file, options.folder, subject);
  const finding = findingsOf(report).find(({ id }) => id === subject);
  if (finding === undefined) throw unknown(subject, file, findingsOf(report));
  writeFinding(page, finding);
  page.blank();
  writeKind(page, finding.kind);
  return page.text;
}

function writeFinding(page: TerminalPage, finding: Finding): void {
  const { kind, check, frame, heldIn } = finding;
  page.line(0, `${finding.id}, ${kind}, found by check ${check}`, { dim: true });
  page.line(0, findingHeadline(finding), { bold: true });
  if (frame !== undefined) row(page, "received", frame.excerpt);
  for (const [label, text] of findingRows(finding)) row(page, label, text);
  // A list of checks shows the most telling places only.
  for (const holder of heldIn.slice(SHOWN_HOLDERS)) row(page, "held in", holderText(holder));
}

function writeKind(page: TerminalPage, kind: FindingKind): void {
  const { what, help, page: file } = KINDS[kind];
  const { seen, why } = KIND_DETAILS[kind];
  page.line(0, `${kind}: ${what}`, { bold: true });
  row(page, "seen", seen);
  row(page, "why", why);
  row(page, "do", `${help} See ${file}`);
}

function row(page: TerminalPage, label: string, text: string): void {
  page.line(2, labelled(label, text), { hanging: 2 + LABEL_WIDTH });
}

function isKind(word: string): word is FindingKind {
  return Object.hasOwn(KINDS, word);
}

async function readReport(file: string, folder: string, subject: string): Promise<Report> {
  const path = resolve(folder, file);
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    const kinds = allKinds().join(", ");
    throw usage(
      `\`${subject}\` to be a kind of finding (${kinds}), or the id of one in a report, but ${path} can't be read: ${cause.code ?? cause.message}. Make a report with npx watertight check, or name one by --report`,
    );
  });
  const report = parse(text);
  if (report === undefined)
    throw usage(`a JSON report of watertight in ${path}, got something else`);
  return report;
}

function parse(text: string): Report | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isReport =
      isRecord(value) && value["version"] === 1 && Array.isArray(value["categories"]);
    return isReport ? (value as unknown as Report) : undefined;
  } catch {
    return undefined;
  }
}

function unknown(subject: string, file: string, findings: readonly Finding[]): Error {
  const listed = findings.slice(0, MOST_LISTED).map(({ id, kind }) => `${id} (${kind})`);
  const rest = findings.length - listed.length;
  const more = rest === 0 ? "" : ` and ${rest} more`;
  const known = listed.length === 0 ? "no findings" : listed.join(", ") + more;
  return usage(
    `\`${subject}\` to be a kind of finding (${allKinds().join(", ")}) or the id of a finding in ${file}, which has ${known}`,
  );
}
