import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { IsolationTestResult, Report } from "watertight";

/** Enough for every pattern; a mutant that only shows with more users has not been met yet. */
const USERS = 12;
const SEED = 8812;
/** The exit codes of a check that could be made: passed, failed, inconclusive. */
const VERDICTS: readonly (number | null)[] = [0, 1, 3];

/**
 * Makes the checks of these ids (all, if there are none) of the back end in `folder`, with the command
 * that anybody would type.
 */
export async function checkBackEnd(
  folder: string,
  only: readonly string[],
): Promise<readonly IsolationTestResult[]> {
  const package_ = createRequire(import.meta.url).resolve("watertight/package.json");
  const bin = join(dirname(package_), "bin", "watertight.js");
  const out = join(folder, "report");
  const words = [bin, "check", folder, "--users", String(USERS), "--seed", String(SEED)];
  const checks = only.length === 0 ? [] : ["--only", only.join(",")];
  const { code, output } = await run([...words, ...checks, "--out", out]);
  if (!VERDICTS.includes(code)) {
    throw new Error(`Expected the check of ${folder} to reach a verdict, but:\n${output}`);
  }
  const report = JSON.parse(await readFile(join(out, "report.json"), "utf8")) as Report;
  return report.categories.flatMap(({ checks }) => checks);
}

function run(words: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}
