// Kills the server and cuts its sockets while users stream, and judges what they were told.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Chaos } from "./chaos.ts";
import { type ChaosOptions, readOptions, USAGE } from "./options.ts";
import { describe, missingControls } from "./report.ts";

const PROGRESS_MS = 5000;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function run(options: ChaosOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "watertight-chaos-"));
  const chaos = new Chaos(options, folder);
  const clear = (): void => rmSync(folder, { recursive: true, force: true });
  const leave = (code: number) => () => void chaos.stop().finally(() => process.exit(code));
  process.once("SIGINT", leave(130)).once("SIGTERM", leave(143)).once("exit", clear);
  print(`chaos with seed ${options.seed}: ${options.users} users, ${options.log} log`);
  const begun = performance.now();
  const progress = setInterval(() => {
    const seconds = Math.round((performance.now() - begun) / 1000);
    const { kills, cuts } = chaos.tally;
    print(`  ${seconds} s: ${kills} kills, ${cuts} cuts, ${chaos.endedRuns} runs have ended`);
  }, PROGRESS_MS);
  try {
    const outcome = await chaos.play();
    print(`\n${describe(outcome, options)}`);
    const missing = missingControls(outcome, options);
    for (const what of missing) print(`PROVES NOTHING: ${what}`);
    return outcome.violations.length + missing.length === 0 ? 0 : 1;
  } finally {
    clearInterval(progress);
    await chaos.stop();
  }
}

function options(): ChaosOptions | undefined {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    print(`${(error as Error).message}\n${USAGE}`);
    return undefined;
  }
}

const asked = options();
process.exitCode = asked === undefined ? 2 : await run(asked);
