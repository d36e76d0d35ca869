import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Report } from "watertight";

/** What a check of a target came to. */
export interface Checked {
  readonly exitCode: number;
  /** Title of each finding. */
  readonly findings: readonly string[];
  /** Of each check, in order. */
  readonly verdicts: readonly string[];
  /** Why checks that did not pass did not. */
  readonly reasons: readonly string[];
  /** How many answers carried their user's own secret. */
  readonly received: number;
}

const BIN = join(
  dirname(createRequire(import.meta.url).resolve("watertight/package.json")),
  "bin",
  "watertight.js",
);

/** Runs `watertight check` as a user would, and reads its report. Rejects if there is none. */
export async function checkTarget(target: string, words: readonly string[]): Promise<Checked> {
  const out = await mkdtemp(join(tmpdir(), "watertight-honesty-"));
  try {
    const { exitCode, output } = await run(["check", target, ...words, "--out", out]);
    const text = await readFile(join(out, "report.json"), "utf8").catch(() => {
      throw new Error(`Expected a report on ${target}, got exit code ${exitCode}:\n${output}`);
    });
    return { exitCode, ...summarize(JSON.parse(text) as Report) };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** Does `work` for the numbers from 0 to `count` − 1, a few at once; answers in their order. */
export async function fewAtOnce<T>(
  few: number,
  count: number,
  work: (number: number) => Promise<T>,
): Promise<readonly T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let number = next++; number < count; number = next++) results[number] = await work(number);
  };
  await Promise.all(Array.from({ length: few }, lane));
  return results;
}

function summarize({ categories }: Report): Omit<Checked, "exitCode"> {
  const checks = categories.flatMap((category) => category.checks);
  return {
    findings: checks.flatMap(({ findings }) => findings.map(({ title }) => title)),
    verdicts: checks.map(({ verdict }) => verdict),
    reasons: checks.filter(({ verdict }) => verdict !== "passed").map(({ reason }) => reason),
    received: checks.reduce((total, { control }) => total + control.received, 0),
  };
}

function run(words: readonly string[]): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...words], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const exitCode = typeof error?.code === "number" ? error.code : error === null ? 0 : -1;
      resolve({ exitCode, output: stdout + stderr });
    });
  });
}
