// Feeds a server with nonsense, by grammar and by mutation, while two users behave.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Fuzz } from "./fuzz.ts";
import { saveInputs } from "./input.ts";
import { type FuzzOptions, readOptions, USAGE } from "./options.ts";
import { describe, missingControls } from "./report.ts";

const PROGRESS_MS = 5000;
const FOLDER = ".watertight";
const MOST_BASE64 = 2000;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function run(options: FuzzOptions): Promise<number> {
  const fuzz = new Fuzz(options);
  const leave = (code: number) => () => void fuzz.stop().finally(() => process.exit(code));
  process.once("SIGINT", leave(130)).once("SIGTERM", leave(143));
  print(`fuzz with seed ${options.seed}, for ${options.seconds} s`);
  const progress = setInterval(() => {
    print(`  ${fuzz.inputs} inputs, ${fuzz.findings.length} findings`);
  }, PROGRESS_MS);
  try {
    const outcome = await fuzz.play();
    print(`\n${describe(outcome, options)}`);
    for (const [index, finding] of outcome.findings.entries()) {
      print(`\nFOUND: ${finding.what.slice(0, 2000)}`);
      const { inputs } = finding;
      if (inputs.length === 0) continue;
      mkdirSync(FOLDER, { recursive: true });
      const file = join(FOLDER, `fuzz-${options.seed}-${index + 1}.json`);
      saveInputs(file, inputs);
      print(`  ${inputs.length} inputs; again with: npm run fuzz -- --replay ${file}`);
      if (inputs.length > 1) continue;
      const bytes = Buffer.concat(inputs.flatMap(({ steps }) => steps.map((step) => step.bytes)));
      print(`  base64: ${bytes.toString("base64").slice(0, MOST_BASE64)}`);
    }
    const missing = missingControls(outcome, options);
    for (const what of missing) print(`PROVES NOTHING: ${what}`);
    return outcome.findings.length + missing.length === 0 ? 0 : 1;
  } finally {
    clearInterval(progress);
    await fuzz.stop();
  }
}

function options(): FuzzOptions | undefined {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    print(`${(error as Error).message}\n${USAGE}`);
    return undefined;
  }
}

const asked = options();
process.exitCode = asked === undefined ? 2 : await run(asked);
