import type { Verdict } from "../finding.ts";
import type { CategoryResult, IsolationTestResult } from "../report.ts";
import { category4 } from "./category-4.ts";
import { category7 } from "./category-7.ts";
import type { Category, Check } from "./check.ts";
import { toFindings } from "./findings.ts";
import { worst } from "./run-suite.ts";
import { countsInWords, totalOf } from "./soak-findings.ts";
import type { MemoryJudgement } from "./soak-memory.ts";
import type { SoakTotals } from "./soak-totals.ts";

/** What a judgement needs to know of the soak besides its totals. */
export interface SoakContext {
  readonly users: number;
  readonly seed: number;
  readonly windowMs: number;
  readonly durationMs: number;
  readonly replay: string;
  readonly folder: string;
}

const PATTERN = "everything at once";
/** Fewer answers than this share with the user's own canary in them prove nothing. */
const CONTROL_SHARE = 0.9;

/** Check 7.1 over all windows: one that proved nothing is enough to say that not all of them did. */
export function judgeWindows(totals: SoakTotals, context: SoakContext): CategoryResult {
  const { findings, control, played, events } = totals;
  const seconds = context.windowMs / 1000;
  const { counts } = findings;
  const shown = `${context.users} users at a time did ${totals.latency.count} things in ${played} windows of ${seconds} s, all at once: ${events} frames scanned, every one its owner's`;
  const [verdict, reason] = ((): readonly [Verdict, string] => {
    if (totalOf(counts) > 0) return ["failed", `Seen: ${countsInWords(counts)}`];
    const silence = silenceOf(totals);
    return silence === undefined ? ["passed", shown] : ["inconclusive", silence];
  })();
  return categoryOf(category7, {
    ...shared(totals, context),
    verdict,
    reason,
    events,
    control,
    findings: findings.findings,
  });
}

/** Check 4.1 over all windows; if nobody was served, nobody can have left anything behind. */
export function judgeMemory(
  totals: SoakTotals,
  { observations, shown, inconclusive }: MemoryJudgement,
  context: SoakContext,
): CategoryResult {
  const [check] = category4.checks as readonly [Check, ...Check[]];
  const { seed, replay, folder } = context;
  const pattern = { name: PATTERN, seed };
  const seen = observations.map((observation) => ({ ...observation, pattern }));
  const findings = toFindings(seen, { check: check.id, replay, folder });
  const silence = inconclusive ?? silenceOf(totals);
  const [verdict, reason] = ((): readonly [Verdict, string] => {
    if (findings.length > 0) {
      return ["failed", `Seen: ${findings.map(({ kind }) => `${kind} ×1`).join(", ")}`];
    }
    return silence === undefined ? ["passed", shown] : ["inconclusive", silence];
  })();
  const { events, control } = totals;
  return categoryOf(category4, {
    ...shared(totals, context),
    verdict,
    reason,
    events,
    control,
    findings,
  });
}

/** The worst verdict of some categories. */
export function verdictOver(categories: readonly CategoryResult[]): Verdict {
  return worst(categories.map(({ verdict }) => verdict));
}

/** Why the windows prove nothing, or not all of them. */
function silenceOf({ played, control, silence }: SoakTotals): string | undefined {
  if (played === 0) return "No window was played to its end";
  if (silence !== undefined) return `Window ${silence.number} proved nothing: ${silence.reason}`;
  if (control.expected > 0 && control.received >= control.expected * CONTROL_SHARE)
    return undefined;
  return `Only ${control.received} of ${control.expected} answers carried the user's own secret, so nothing was proved`;
}

function shared(
  { played }: SoakTotals,
  { users, durationMs }: SoakContext,
): Pick<IsolationTestResult, "users" | "durationMs" | "patterns"> {
  return { users, durationMs, patterns: played === 0 ? [] : [PATTERN] };
}

/** The first check of a category, alone. */
function categoryOf(
  { id, title, checks }: Category,
  result: Omit<IsolationTestResult, "id" | "title">,
): CategoryResult {
  const [check] = checks as readonly [Check, ...Check[]];
  const made = { id: check.id, title: check.title, ...result };
  return { id, title, verdict: result.verdict, checks: [made] };
}
