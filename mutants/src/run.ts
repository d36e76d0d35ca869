// Breaks the runtime in every known way and shows which checks notice. Usage: npm run mutants [-- name …]
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { buildBackEnd } from "./build-back-end.ts";
import { checkBackEnd } from "./check-back-end.ts";
import { GALLERY } from "./gallery.ts";
import { headLine, isAsExpected, matrixPage, type Row, rowLine } from "./matrix.ts";
import type { Mutant } from "./mutant.ts";

const PAGE = fileURLToPath(new URL("../../docs/kill-matrix.md", import.meta.url));

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => GALLERY.every((mutant) => mutant.name !== name));
  if (unknown !== undefined) {
    const known = GALLERY.map(({ name }) => `"${name}"`).join(", ");
    print(`Expected names of mutants, got "${unknown}". There are: ${known}`);
    return 2;
  }
  const chosen = GALLERY.filter(({ name }) => names.length === 0 || names.includes(name));
  const rows: Row[] = [];
  for (const mutant of [undefined, ...chosen]) {
    const row = await examine(mutant);
    if (rows.length === 0) print(headLine(row.checks.map(({ id }) => id)));
    print(rowLine(row));
    rows.push(row);
  }
  const [reference, ...mutants] = rows as [Row, ...Row[]];
  const killed = mutants.filter(isAsExpected).length;
  const green = isAsExpected(reference);
  print(
    `\n  ${killed} of ${mutants.length} killed, each by its named check; reference ${green ? "100 % green" : "NOT green"}`,
  );
  if (names.length === 0) await writeFile(PAGE, matrixPage(rows));
  return green && killed === mutants.length ? 0 : 1;
}

async function examine(mutant: Mutant | undefined): Promise<Row> {
  const folder = await buildBackEnd(mutant?.name ?? "reference", mutant?.changes ?? []);
  return { mutant, checks: await checkBackEnd(folder) };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main(process.argv.slice(2));
