// Judges the suite itself: servers that are innocent, silent or broken, over many seeds.
import { parseArgs } from "node:util";
import { everyPart, type Part } from "./parts.ts";

const HELP = `npm run honesty -- [options]

  --seeds N   seeds for the busy, correct server             (100)
  --runs N    repetitions of one seed                        (20)
  --only A,B  parts: echo, silent, errors, busy, everything, repeat
  --at-once N checks that run beside each other              (2)
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "100" },
      runs: { type: "string", default: "20" },
      only: { type: "string" },
      "at-once": { type: "string", default: "2" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) return print(HELP);
  const parts = everyPart({
    seeds: readCount("--seeds", values.seeds),
    runs: readCount("--runs", values.runs),
    atOnce: readCount("--at-once", values["at-once"]),
  });
  const chosen = choose(parts, values.only?.split(","));
  let failed = 0;
  for (const part of chosen) if (!(await judge(part))) failed += 1;
  print(`\n${chosen.length - failed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

async function judge({ name, promise, run }: Part): Promise<boolean> {
  print(`${name.padEnd(11)} ${promise}\n`);
  const startedAt = performance.now();
  const { isKept, seen } = await run((step) => print(`            ${step}\n`));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  print(`${isKept ? "  kept      " : "  BROKEN    "}${seen} (${seconds} s)\n`);
  return isKept;
}

function choose(parts: readonly Part[], names: readonly string[] | undefined): readonly Part[] {
  if (names === undefined) return parts;
  const unknown = names.find((name) => !parts.some((part) => part.name === name));
  if (unknown !== undefined) {
    throw new Error(
      `Expected --only to name some of ${parts.map(({ name }) => name).join(", ")}, got ${unknown}`,
    );
  }
  return parts.filter(({ name }) => names.includes(name));
}

function readCount(option: string, text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new Error(`Expected ${option} to be a whole number above 0, got ${text}`);
}

function print(text: string): 0 {
  process.stdout.write(text);
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 2;
});
