// Kills the server and cuts its sockets while users stream, and judges what they were told.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Chaos } from "./chaos.ts";
import { carryOut, conclude, playAll, print } from "./command.ts";
import { type ChaosOptions, readOptions, USAGE } from "./options.ts";
import { describe, missingControls } from "./report.ts";

async function run(options: ChaosOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "watertight-chaos-"));
  const chaos = new Chaos(options, folder);
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  print(`chaos with seed ${options.seed}: ${options.users} users, ${options.log} log`);
  const begun = performance.now();
  const outcome = await playAll(chaos, () => {
    const seconds = Math.round((performance.now() - begun) / 1000);
    const { kills, cuts } = chaos.tally;
    return `${seconds} s: ${kills} kills, ${cuts} cuts, ${chaos.endedRuns} runs have ended`;
  });
  print(`\n${describe(outcome, options)}`);
  return conclude(outcome.violations.length, missingControls(outcome, options));
}

await carryOut({ readOptions, usage: USAGE, run });
