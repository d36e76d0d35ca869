import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Finding, Report, Verdict } from "watertight";
import { CACHE, type Case, type Side, WATERTIGHT } from "./cases.ts";
import type { Prepared } from "./prepare.ts";

/** What a check of a side came to. */
export interface SideResult {
  readonly id: string;
  readonly side: Side;
  /** What it depends on; see `hashInputs`. */
  readonly inputs: string;
  readonly verdict: Verdict;
  /** Findings of all kinds. */
  readonly findings: number;
  /** Those in which a user received what is another's. */
  readonly proofs: number;
  readonly first?: FirstProof;
  /** Why it is inconclusive. */
  readonly reason?: string;
  readonly control: { readonly expected: number; readonly received: number };
  readonly durationMs: number;
  readonly seed: number;
}

/** The proof that was there first. */
export interface FirstProof {
  readonly kind: string;
  readonly check: string;
  readonly pattern: string;
  /** Milliseconds from the beginning of the first round; `undefined` for what came while users left. */
  readonly afterMs?: number;
  readonly title: string;
}

const RECEIVED_ANOTHERS = Object.freeze(["leak", "swap", "foreign-access", "outbound-leak"]);
/** What many users at once and failures in the middle show; the rest is about memory, races and speed. */
const CHECKS = "1,2";

/**
 * Runs `watertight check` on a prepared side, as its user would. The reports stay in the cache. Rejects with what
 * the command printed if there is no report.
 */
export async function checkSide(
  target: Case,
  side: Side,
  { folder, inputs }: Prepared,
  words: readonly string[] = [],
): Promise<SideResult> {
  const out = join(CACHE, target.id, `${side}-report`);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const config = join(folder, "watertight.config.mjs");
  const command = ["check", config, "--only", CHECKS, "--out", out, ...words];
  const { exitCode, output } = await watertight(command, target.environment);
  await writeFile(join(out, "output.txt"), output);
  const text = await readFile(join(out, "report.json"), "utf8").catch(() => "");
  // A report of a run that broke off is no result.
  if (text === "" || ![0, 1, 3].includes(exitCode)) {
    throw new Error(
      `Expected a report on ${target.id} (${side}), got exit code ${exitCode}:\n${output}`,
    );
  }
  return { id: target.id, side, inputs, ...summarize(JSON.parse(text) as Report) };
}

/** What counts of a report. */
export function summarize(report: Report): Omit<SideResult, "id" | "side" | "inputs"> {
  const checks = report.categories.flatMap((category) => category.checks);
  const findings = checks.flatMap((check) => check.findings);
  const proofs = findings.filter(isProof);
  const [first] = proofs.toSorted((a, b) => seenAt(a) - seenAt(b));
  const reason = checks.find(({ verdict }) => verdict === "inconclusive")?.reason;
  const sum = (key: "expected" | "received"): number =>
    checks.reduce((total, { control }) => total + control[key], 0);
  return {
    verdict: report.verdict,
    findings: findings.length,
    proofs: proofs.length,
    ...(first === undefined ? {} : { first: describe(first) }),
    ...(reason === undefined ? {} : { reason }),
    control: { expected: sum("expected"), received: sum("received") },
    durationMs: report.durationMs,
    seed: report.seed,
  };
}

function isProof({ kind, tier }: Finding): boolean {
  return tier === "proved" && RECEIVED_ANOTHERS.includes(kind);
}

function describe(finding: Finding): FirstProof {
  const { kind, check, pattern, title, seenAtMs } = finding;
  const known = { kind, check, pattern: pattern.name, title };
  return seenAtMs === undefined ? known : { ...known, afterMs: seenAtMs };
}

function seenAt({ seenAtMs = Number.MAX_SAFE_INTEGER }: Finding): number {
  return seenAtMs;
}

function watertight(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ exitCode: number; output: string }> {
  const env = { ...process.env, ...environment };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [WATERTIGHT, ...words],
      { env, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        const exitCode = typeof error?.code === "number" ? error.code : error === null ? 0 : -1;
        resolve({ exitCode, output: stdout + stderr });
      },
    );
  });
}
