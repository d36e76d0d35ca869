import type { Finding, Verdict } from "../finding.ts";
import type { CategoryResult, IsolationTestResult } from "../report.ts";
import type { Bench } from "./bench.ts";
import type { Category, Check, CheckOutcome, Need } from "./check.ts";
import { ToolError } from "../errors.ts";
import { groupBy } from "../internal/group-by.ts";
import { mask } from "../target/last-output.ts";
import { toFindings } from "./findings.ts";
import { isLeak, type RoundResult } from "./round.ts";
import { sum } from "./summary.ts";

/** What happens while the suite runs, for a progress display. */
export type SuiteEvent =
  | { readonly type: "check-started"; readonly id: string; readonly title: string }
  | { readonly type: "step"; readonly id: string; readonly step: string }
  | { readonly type: "check-ended"; readonly result: IsolationTestResult }
  /** It could not go on, and neither can the suite. */
  | { readonly type: "check-broken"; readonly id: string; readonly result: IsolationTestResult };

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
  bench.beginCheck();
  const run = runOf(bench, check);
  const toResult = (outcome: CheckOutcome): IsolationTestResult => {
    const { replay, folder } = options;
    const findings = toFindings(outcome.observations, { check: id, replay: replay(id), folder });
    return {
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
  };
  try {
    const result = toResult(typeof run === "string" ? notMade(run) : await run(bench));
    options.onEvent({ type: "check-ended", result });
    return result;
  } catch (error) {
    const result = toResult(brokenOff(error, bench.totals.slice(rounds)));
    const goesOn = isAnotherStart(error);
    options.onEvent(
      goesOn ? { type: "check-ended", result } : { type: "check-broken", id, result },
    );
    if (goesOn) return result;
    throw error;
  }
}

/** The server that runs already is not touched by one beside it that could not be started. */
function isAnotherStart(error: unknown): boolean {
  return ToolError.is(error) && /^WT_(?:TARGET_(?:EXITED|NOT_READY)|PORT_TAKEN)$/.test(error.code);
}

/** Whoever received what belongs to somebody else did so before; nothing else is sure. */
function brokenOff(error: unknown, rounds: readonly RoundResult[]): CheckOutcome {
  const observations = rounds.flatMap((round) => round.observations);
  const [reason = ""] = messageOf(error).split("\n");
  return {
    ...notMade(`Broken off: ${reason}`),
    observations: observations.filter(isLeak),
    events: sum(rounds.map(({ events }) => events)),
  };
}

/** How to make a check on this kind of target, or why it can't be made. */
function runOf(bench: Bench, { needs, run, onScenario }: Check): Check["run"] | string {
  if (bench.config.agents === undefined && onScenario !== undefined) return onScenario;
  return needs.map((need) => explainMissing(bench, need)).find(Boolean) ?? run;
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
  if (control.received === 0) {
    return { verdict: "inconclusive", reason: explainSilence(control, rounds) };
  }
  const silent = rounds.find((round) => isSilent(round.control));
  if (silent !== undefined) {
    const reason = `By the pattern ${silent.pattern}: ${explainSilence(silent.control, [silent])}`;
    return { verdict: "inconclusive", reason };
  }
  if (isSilent(control)) {
    return { verdict: "inconclusive", reason: explainSilence(control, rounds) };
  }
  const rest =
    control.received === control.expected ? "" : `. ${countControl(control)}.${firstError(rounds)}`;
  return { verdict: "passed", reason: shown + rest };
}

/** What one pattern did not bring must not hide behind what the others brought. */
function isSilent({ expected, received }: CheckOutcome["control"]): boolean {
  return received < expected * CONTROL_SHARE;
}

/** Nothing foreign was seen, but hardly anything was: say what the users ran into. */
function explainSilence(control: CheckOutcome["control"], rounds: readonly RoundResult[]): string {
  const isOutOfFiles = errorsIn(rounds).some((message) => message.includes("EMFILE"));
  const hint = isOutOfFiles
    ? " This process may not open more files: use fewer --users, or raise `ulimit -n`."
    : "";
  return `${countControl(control)}, so nothing was proved.${firstError(rounds)}${hint}`;
}

function countControl({ expected, received }: CheckOutcome["control"]): string {
  return `Only ${received} of ${expected} answers carried the user's own secret`;
}

function firstError(rounds: readonly RoundResult[]): string {
  const messages = errorsIn(rounds);
  const [first] = messages;
  if (first === undefined) return "";
  const which = messages.length === 1 ? "error" : `first of ${messages.length} errors`;
  return ` The ${which}: ${mask(first)}`;
}

/** What users ran into, and what the server refused them. */
function errorsIn(rounds: readonly RoundResult[]): readonly string[] {
  const errors = rounds.flatMap(({ outcomes }) =>
    outcomes.flatMap(({ error }) => (error === undefined ? [] : [messageOf(error)])),
  );
  return [...errors, ...rounds.flatMap(({ refusals }) => refusals)];
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
