import type { IsolationTestResult, Verdict } from "watertight";
import type { Mutant } from "./mutant.ts";

/** What the checks said of one back end. */
export interface Row {
  /** `undefined`: the reference, with nothing changed. */
  readonly mutant: Mutant | undefined;
  readonly checks: readonly IsolationTestResult[];
}

const CELL: Readonly<Record<Verdict, string>> = Object.freeze({
  passed: "·",
  failed: "✖",
  inconclusive: "?",
});
const NAME_WIDTH = 38;

/** Says whether a back end was judged as it should be: the reference green, a mutant caught by its check. */
export function isAsExpected({ mutant, checks }: Row): boolean {
  if (mutant === undefined) return checks.every(({ verdict }) => verdict === "passed");
  const check = checks.find(({ id }) => id === mutant.killedBy);
  const kinds = check?.findings.map(({ kind }) => kind) ?? [];
  return check?.verdict === "failed" && kinds.includes(mutant.as);
}

/** One back end as a printed line: each check that was made, `✖` failed, `·` passed, `?` inconclusive. */
export function rowLine(row: Row): string {
  const { mutant, checks } = row;
  const cells = checks.map(({ id, verdict }) => `${id} ${CELL[verdict]}`);
  const seen = mutant === undefined ? "" : ` ${mutant.as}`;
  const verdict = isAsExpected(row) ? seen : `   ← not as expected${explain(row)}`;
  return `  ${nameOf(row).padEnd(NAME_WIDTH)} ${cells.join("  ")}${verdict}`;
}

/** What came instead. */
function explain({ mutant, checks }: Row): string {
  const wrong = checks.filter(({ verdict }) => mutant !== undefined || verdict !== "passed");
  const seen = wrong.map(({ id, reason }) => `${id}: ${reason}`).join("; ");
  return mutant === undefined ? ` (${seen})` : ` (${mutant.as} wanted; ${seen})`;
}

/** The matrix as a page of documentation. */
export function matrixPage(rows: readonly Row[]): string {
  const ids = rows[0]?.checks.map(({ id }) => id) ?? [];
  const head = ["mutant", ...ids, "killed by", "what it breaks"];
  const lines = rows.map((row) => {
    const { mutant, checks } = row;
    const cells = ids.map((id) => {
      const cell = checks.find((check) => check.id === id);
      if (cell === undefined) return "";
      return id === mutant?.killedBy ? `**${CELL[cell.verdict]}**` : CELL[cell.verdict];
    });
    const named = mutant === undefined ? "" : `${mutant.killedBy}, ${mutant.as}`;
    return [nameOf(row), ...cells, named, mutant?.breaks ?? "Nothing: every check must pass."];
  });
  return `${PREFACE}\n${tableText([head, ...lines])}\n`;
}

/** A Markdown table with its columns aligned, as the formatter of this repository wants it. */
function tableText([head = [], ...lines]: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...lines.map((cells) => (cells[column] ?? "").length)),
  );
  const rule = widths.map((width) => "-".repeat(width));
  const rows = [head, rule, ...lines].map((cells) => {
    const padded = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    return `| ${padded.join(" | ")} |`;
  });
  return rows.join("\n");
}

const PREFACE = `# The kill matrix

Made by \`npm run mutants\`; don't edit. Each mutant is a small change of the runtime under the isolated back end. \`✖\` a check failed,
\`·\` it passed, \`?\` it could not say anything, nothing: it was not made. In bold: the check that the mutant's file names, which must fail with that kind of finding.
`;

function nameOf({ mutant }: Row): string {
  return mutant?.name ?? "the reference, unchanged";
}
