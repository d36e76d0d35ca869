// Runs the suite on leaks that were published: the vulnerable version must be proved to leak, the fixed one must not.
import { parseArgs } from "node:util";
import { type Case, choose, readCases, type Side, SIDES } from "./cases.ts";
import { checkSide } from "./check-side.ts";
import { writeDocument } from "./document.ts";
import { conclude, isAsExpected, type Judged, tell } from "./judge.ts";
import { prepare } from "./prepare.ts";
import { currentResults, keepResult } from "./results.ts";

const HELP = `npm run corpus -- [case…] [options]

  --side SIDE  vulnerable or fixed                  (both)
  --seed N     of the schedules                     (a new one for each check)
  --list       the cases and what was published
  --help

Installs the pinned versions into corpus/.cache, checks a server around each, and writes docs/corpus.md.
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      side: { type: "string" },
      seed: { type: "string" },
      list: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) return print(HELP);
  const all = await readCases();
  const cases = choose(all, positionals);
  if (values.list === true) return print(cases.map(describe).join(""));
  const sides = chooseSides(values.side);
  const words = values.seed === undefined ? [] : ["--seed", values.seed];
  const judged: Judged[] = [];
  for (const target of cases) {
    for (const side of sides) judged.push(await make(target, side, words));
  }
  const kept = await writeDocument(await currentResults(all));
  const { text, isGood } = conclude(judged);
  print(`\n${kept === undefined ? "" : `${kept}\n`}${text}\n`);
  return isGood ? 0 : 1;
}

async function make(target: Case, side: Side, words: readonly string[]): Promise<Judged> {
  const name = `${target.id} ${side} ${target.pins[side]}`;
  const step = (what: string): void => void print(`${name}: ${what}\n`);
  try {
    const prepared = await prepare(target, side, step);
    step("checking");
    const result = await checkSide(target, side, prepared, words);
    await keepResult(result);
    const mark = isAsExpected(target, side, result) ? "as expected" : "NOT AS EXPECTED";
    step(`${mark}: ${tell(result)}`);
    return { target, side, result };
  } catch (error) {
    step(`NOT MADE: ${error instanceof Error ? error.message : String(error)}`);
    return { target, side, result: undefined };
  }
}

function describe({ id, package: name, pins, advisory, class: kind }: Case): string {
  const versions = `${pins.vulnerable} / ${pins.fixed}`;
  return `${id.padEnd(28)} ${name} ${versions}, ${kind}, ${advisory.name}\n`;
}

function chooseSides(side: string | undefined): readonly Side[] {
  const chosen = SIDES.filter((known) => side === undefined || known === side);
  if (chosen.length > 0) return chosen;
  throw new Error(`Expected --side to be vulnerable or fixed, got ${side}`);
}

function print(text: string): 0 {
  process.stdout.write(text);
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 2;
});
