import type { Finding, Verdict } from "../finding.ts";
import type { CategoryResult, IsolationTestResult } from "../report.ts";
import type { Bench } from "./bench.ts";
import type { Category, Check, CheckOutcome, Need } from "./check.ts";
import { groupBy } from "../internal/group-by.ts";
import { toFindings } from "./findings.ts";
import type { RoundResult } from "./round.ts";

/** What happens while the suite runs, for a progress display. */
export type SuiteEvent =
  | { readonly type: "check-started"; readonly id: string; readonly title: string }
  | { readonly type: "step"; readonly id: string; readonly step: string }
  | { readonly type: "check-ended"; readonly result: IsolationTestResult };

export interface SuiteOptions {
  readonly categories: readonly Category[];
  /** The command that makes one check again. */
  readonly replay: (check: string) => string;
  /** Where the user stands; files are named from here. */
  readonly folder: string;
  readonly onEvent: (event: SuiteEvent) => void;
}

/** Fewer answers than this share with the user's own canary in them prove nothing. */
const CONTROL_SHARE = 0.9;

/** Makes the checks one after another; each is judged on its own. */
export async function runSuite(bench: Bench, options: SuiteOptions): Promise<CategoryResult[]> {
  const results: CategoryResult[] = [];
  // Now, and not in the middle of a round that needs it.
  if (bench.config.agents !== undefined) await bench.solo();
  for (const { id, title, checks } of options.categories) {
    const made: IsolationTestResult[] = [];
    for (const check of checks) made.push(await makeCheck(bench, check, options));
    results.push({ id, title, verdict: worst(made.map(({ verdict }) => verdict)), checks: made });
  }
  return results;
}

/** Failed beats inconclusive beats passed; of nothing at all nothing can be said. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("failed")) return "failed";
  return verdicts.includes("inconclusive") || verdicts.length === 0 ? "inconclusive" : "passed";
}

async function makeCheck(
  bench: Bench,
  check: Check,
  options: SuiteOptions,
): Promise<IsolationTestResult> {
  const { id, title } = check;
  options.onEvent({ type: "check-started", id, title });
  const startedAt = performance.now();
  const rounds = bench.totals.length;
  const missing = check.needs.map((need) => explainMissing(bench, need)).find(Boolean);
  const outcome = missing === undefined ? await check.run(bench) : notMade(missing);
  const findings = toFindings(outcome.observations, {
    check: id,
    replay: options.replay(id),
    folder: options.folder,
  });
  const result: IsolationTestResult = {
    id,
    title,
    ...judge(outcome, findings, bench.totals.slice(rounds)),
    durationMs: Math.round(performance.now() - startedAt),
    users: bench.identities.length,
    events: outcome.events,
    control: outcome.control,
    patterns: outcome.patterns,
    findings,
  };
  options.onEvent({ type: "check-ended", result });
  return result;
}

function judge(
  outcome: CheckOutcome,
  findings: readonly Finding[],
  rounds: readonly RoundResult[],
): { verdict: Verdict; reason: string } {
  const { control, observations, inconclusive, shown } = outcome;
  if (findings.length > 0) {
    const kinds = [...groupBy(observations, ({ kind }) => kind)];
    const counts = kinds.map(([kind, { length }]) => `${kind} ×${length}`);
    return { verdict: "failed", reason: `Seen: ${counts.join(", ")}` };
  }
  if (inconclusive !== undefined) return { verdict: "inconclusive", reason: inconclusive };
  if (control.expected === 0 || control.received < control.expected * CONTROL_SHARE) {
    return { verdict: "inconclusive", reason: explainSilence(control, rounds) };
  }
  return { verdict: "passed", reason: shown };
}

/** Nothing foreign was seen, but hardly anything was: say what the users ran into. */
function explainSilence(control: CheckOutcome["control"], rounds: readonly RoundResult[]): string {
  const errors = rounds.flatMap(({ outcomes }) =>
    outcomes.flatMap(({ error }) => (error === undefined ? [] : [messageOf(error)])),
  );
  const messages = [...errors, ...rounds.flatMap(({ refusals }) => refusals)];
  const first =
    messages[0] === undefined ? "" : ` The first of ${messages.length} errors: ${messages[0]}`;
  const isOutOfFiles = messages.some((message) => message.includes("EMFILE"));
  const hint = isOutOfFiles
    ? " This process may not open more files: use fewer --users, or raise `ulimit -n`."
    : "";
  return `Only ${control.received} of ${control.expected} answers carried the user's own secret, so nothing was proved.${first}${hint}`;
}

/** A scenario may throw anything. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function explainMissing(bench: Bench, need: Need): string | undefined {
  const { agents } = bench.config;
  if (need === "process") return bench.witness.blindness;
  if (need === "fresh process") {
    return bench.canStartAfresh
      ? undefined
      : "This check starts the server several times beside the one that runs: let it take its port from PORT, and leave target.url out";
  }
  if (agents === undefined) {
    return "This check talks to agents: describe yours in the config under `agents`";
  }
  if (need === "slow agent" && agents.slow === undefined) {
    return "This check needs an agent that takes a second or more: name one in the config under `agents.slow`";
  }
  if (need === "dying agent" && agents.dies === undefined) {
    return "This check needs an agent that stops making progress: name one in the config under `agents.dies`";
  }
  return undefined;
}

function notMade(inconclusive: string): CheckOutcome {
  const control = { expected: 0, received: 0 };
  return { observations: [], events: 0, control, patterns: [], shown: "", inconclusive };
}
