// Feeds a server with nonsense, by grammar and by mutation, while two users behave.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { carryOut, conclude, playAll, print } from "../chaos/command.ts";
import { Fuzz } from "./fuzz.ts";
import { saveInputs } from "./input.ts";
import { type FuzzOptions, readOptions, USAGE } from "./options.ts";
import type { FuzzFinding } from "./oracle.ts";
import { describe, missingControls } from "./report.ts";

const FOLDER = ".watertight";
const MOST_BASE64 = 2000;

async function run(options: FuzzOptions): Promise<number> {
  const fuzz = new Fuzz(options);
  print(`fuzz with seed ${options.seed}, for ${options.seconds} s`);
  const outcome = await playAll(
    fuzz,
    () => `${fuzz.inputs} inputs, ${fuzz.findings.length} findings`,
  );
  print(`\n${describe(outcome, options)}`);
  for (const [index, finding] of outcome.findings.entries()) {
    show(finding, join(FOLDER, `fuzz-${options.seed}-${index + 1}.json`));
  }
  return conclude(outcome.findings.length, missingControls(outcome, options));
}

/** Prints a finding and saves the inputs that are to blame in `file`. */
function show({ what, inputs }: FuzzFinding, file: string): void {
  print(`\nFOUND: ${what.slice(0, 2000)}`);
  if (inputs.length === 0) return;
  mkdirSync(FOLDER, { recursive: true });
  saveInputs(file, inputs);
  print(`  ${inputs.length} inputs; again with: npm run fuzz -- --replay ${file}`);
  if (inputs.length > 1) return;
  const bytes = Buffer.concat(inputs.flatMap(({ steps }) => steps.map((step) => step.bytes)));
  print(`  base64: ${bytes.toString("base64").slice(0, MOST_BASE64)}`);
}

await carryOut({ readOptions, usage: USAGE, run });
