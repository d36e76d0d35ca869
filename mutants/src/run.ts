// Breaks the runtime in every known way and shows that the named check notices.
import { parseArgs } from "node:util";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { buildBackEnd } from "./build-back-end.ts";
import { checkBackEnd } from "./check-back-end.ts";
import { GALLERY } from "./gallery.ts";
import { isAsExpected, matrixPage, type Row, rowLine } from "./matrix.ts";
import type { Mutant } from "./mutant.ts";

const PAGE = fileURLToPath(new URL("../../docs/kill-matrix.md", import.meta.url));

const HELP = `npm run mutants -- [options] ["name" …]

  Without names: every mutant, and docs/kill-matrix.md is written anew. The reference is put through
  every check, a mutant through the check that must kill it.

  --skip-reference   takes the reference for green, while a mutant is being written
  --all-checks       puts mutants through every check, too (more than an hour)
  --list             the names of all mutants`;

async function main(words: readonly string[]): Promise<number> {
  const { values, positionals: names } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      "all-checks": { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      "skip-reference": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return tell(HELP);
  if (values.list) return tell(GALLERY.map(({ name }) => name).join("\n"));
  const unknown = names.find((name) => GALLERY.every((mutant) => mutant.name !== name));
  if (unknown !== undefined) {
    const known = GALLERY.map(({ name }) => `"${name}"`).join(", ");
    print(`Expected names of mutants, got "${unknown}". There are: ${known}`);
    return 2;
  }
  const chosen = GALLERY.filter(({ name }) => names.length === 0 || names.includes(name));
  const rows: Row[] = [];
  const skipped = values["skip-reference"];
  for (const mutant of skipped ? chosen : [undefined, ...chosen]) {
    const row = await examine(mutant, values["all-checks"] ? [] : checksFor(mutant, names));
    print(rowLine(row));
    rows.push(row);
  }
  return conclude(rows, { isWhole: names.length === 0 && !skipped });
}

async function conclude(
  rows: readonly Row[],
  { isWhole }: { readonly isWhole: boolean },
): Promise<number> {
  const reference = rows.find(({ mutant }) => mutant === undefined);
  const mutants = rows.filter(({ mutant }) => mutant !== undefined);
  const killed = mutants.filter(isAsExpected).length;
  const isGreen = reference === undefined || isAsExpected(reference);
  const said = reference === undefined ? "not looked at" : isGreen ? "100 % green" : "NOT green";
  print(`\n  ${killed} of ${mutants.length} killed, each by its named check; reference ${said}`);
  if (isWhole) await writeFile(PAGE, matrixPage(rows));
  return isGreen && killed === mutants.length ? 0 : 1;
}

/** With a few names, the reference needs only what those are put through. */
function checksFor(mutant: Mutant | undefined, names: readonly string[]): readonly string[] {
  if (mutant !== undefined) return [mutant.killedBy];
  const named = GALLERY.filter(({ name }) => names.includes(name));
  return [...new Set(named.map(({ killedBy }) => killedBy))];
}

async function examine(mutant: Mutant | undefined, only: readonly string[]): Promise<Row> {
  const folder = await buildBackEnd(mutant?.name ?? "reference", mutant?.changes ?? []);
  return { mutant, checks: await checkBackEnd(folder, only) };
}

function tell(text: string): 0 {
  print(text);
  return 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main(process.argv.slice(2));
