import { writeFile } from "node:fs/promises";
import { type Case, DOCUMENT, isControl } from "./cases.ts";
import type { SideResult } from "./check-side.ts";
import { conclude, type Judged, seconds } from "./judge.ts";

/** Writes docs/corpus.md from the results of all sides; answers why it did not, if one has none. */
export async function writeDocument(judged: readonly Judged[]): Promise<string | undefined> {
  const missing = judged.filter(({ result }) => result === undefined);
  if (missing.length > 0) {
    return `docs/corpus.md stays as it is: ${missing.length} of ${judged.length} sides have no current result`;
  }
  await writeFile(DOCUMENT, describe(judged));
  return undefined;
}

/** The document, from one result a side. */
export function describe(judged: readonly Judged[]): string {
  const cases = [...new Set(judged.map(({ target }) => target))];
  const of = (target: Case, side: string): SideResult | undefined =>
    judged.find((one) => one.target === target && one.side === side)?.result;
  const leaks = cases.filter((target) => !isControl(target));
  const rows = leaks.map((target) => [
    ...common(target),
    target.class,
    ...proofCells(of(target, "vulnerable")),
    silence(of(target, "fixed")),
  ]);
  const controls = cases
    .filter(isControl)
    .map((target) => [
      ...common(target),
      silence(of(target, "vulnerable")),
      silence(of(target, "fixed")),
    ]);
  return `${INTRODUCTION}
## Leaks

${table(["case", "package", "versions", "published as", "class", "proved by", "seconds", "fixed"], rows)}

_Proved by_: the pattern ([all of them](patterns.md)) and the check in which a user first received what is another's. _Seconds_: from the
beginning of the first round until that was known. _Fixed_: what the version without the flaw came to.

${list(leaks)}

## Controls

Code that looks guilty, or stands beside what is. Neither version may show anything.

${table(["case", "package", "versions", "about", "first version", "second version"], controls)}

${list(cases.filter(isControl))}

## Totals

${capital(conclude(judged).text)}.
`;
}

const INTRODUCTION = `# The corpus

Leaks between users that were published, as targets: small servers of our own around the packages that had the flaw. Each folder of
[corpus](../corpus) has one server and one config, the same for both versions; the versions are pinned by a \`package.json\` and a lock file each.
The config says what one user does, as in any other project: no pattern, no other user, no timing.

    npm run corpus                          # all, one after another; installs what is not there
    npm run corpus -- undici-dedupe-key     # one case
    npm run corpus -- --help

A vulnerable version must be proved to leak by \`watertight check --only 1,2\`, a fixed one must have no finding. Some packages were mended by
refusing what can't be done safely: their fixed version may be inconclusive, and says why. This file is written by that command.
`;

function common({ id, package: name, pins, advisory }: Case): string[] {
  return [
    `[${id}](../corpus/${id})`,
    `\`${name}\``,
    `${pins.vulnerable} / ${pins.fixed}`,
    `[${advisory.name}](${advisory.url})`,
  ];
}

function proofCells(result: SideResult | undefined): string[] {
  if (result?.first === undefined) return ["not proved", ""];
  const { pattern, check, afterMs } = result.first;
  return [`${pattern} (${check})`, afterMs === undefined ? "" : seconds(afterMs)];
}

function silence(result: SideResult | undefined): string {
  if (result === undefined) return "not made";
  const { verdict, findings, control } = result;
  if (findings > 0) return `${findings} findings`;
  if (verdict === "passed") return "passed";
  const share = Math.round((100 * control.received) / Math.max(1, control.expected));
  return `inconclusive: ${share} % of the users' own secrets came home`;
}

/** As oxfmt sets it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, place) =>
    Math.max(name.length, 3, ...rows.map((row) => row[place]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, place) => cell.padEnd(widths[place] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

function list(cases: readonly Case[]): string {
  return cases.map(({ id, mechanism }) => `- **${id}**: ${mechanism}`).join("\n");
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
