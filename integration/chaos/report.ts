import type { Outcome } from "./chaos.ts";
import type { Violation, ViolationKind } from "./judge.ts";
import type { ChaosOptions } from "./options.ts";

const SHOWN_VIOLATIONS = 20;

/** Why the run proves nothing: what was to happen did not. */
export function missingControls({ verdicts, tally }: Outcome, options: ChaosOptions): string[] {
  const missing: string[] = [];
  const idle = verdicts.filter(({ runs }) => runs.finished === 0).length;
  if (idle > 0) missing.push(`${idle} users finished no run`);
  if (sum(verdicts, (verdict) => verdict.acknowledged) < options.users * 10) {
    missing.push("fewer than 10 events a user arrived");
  }
  if (tally.kills < options.kills) missing.push("not every kill was done");
  if (tally.cuts < options.cuts) missing.push("not every cut was done");
  const died = sum(verdicts, ({ runs }) => runs.died);
  if (options.kills > 0 && died < options.kills) {
    missing.push(`only ${died} runs were going on when their server was killed`);
  }
  return missing;
}

/** The table, and the evidence if there is any. */
export function describe(outcome: Outcome, options: ChaosOptions): string {
  const { tally, verdicts, violations, tookMs } = outcome;
  const of = (kind: ViolationKind): number =>
    violations.filter((violation) => violation.kind === kind).length;
  const [lost, duplicated, misdelivered] = [of("lost"), of("duplicated"), of("misdelivered")];
  const finished = sum(verdicts, ({ runs }) => runs.finished);
  const cancelled = sum(verdicts, ({ runs }) => runs.cancelled);
  const died = sum(verdicts, ({ runs }) => runs.died);
  const resumes = [...tally.resumes].map(([status, count]) => `${count} ${status}`).join(", ");
  const rows: readonly (readonly [string, string | number])[] = [
    ["kills of the server (SIGKILL)", `${tally.kills}, ${tally.early} of them while it started`],
    ["cut sockets", tally.cuts],
    ["users", options.users],
    ["runs", `${finished} finished, ${cancelled} cancelled, ${died} ended for a killed server`],
    ["events acknowledged", sum(verdicts, (verdict) => verdict.acknowledged)],
    ["events received", sum(verdicts, (verdict) => verdict.received)],
    ["lost", lost],
    ["duplicated to a client", duplicated],
    ["delivered to a wrong user", misdelivered],
    ["anything else wrong", violations.length - lost - duplicated - misdelivered],
    ["connections", resumes],
    ["served again after a kill", returns(tally.returns)],
    ["event log", options.log],
    ["took", `${Math.round(tookMs / 1000)} s`],
    ["seed", options.seed],
  ];
  const table = rows.map(([name, value]) => `  ${name.padEnd(32)}${value}`).join("\n");
  return `${table}\n${violations.slice(0, SHOWN_VIOLATIONS).map(line).join("")}`;
}

function line({ kind, userId, device, runId, position, what }: Violation): string {
  const place = [userId, device, runId, position].filter((part) => part !== undefined).join(" ");
  return `\n${kind.toUpperCase()} ${place}: ${what.slice(0, 600)}\n`;
}

function returns(times: readonly number[]): string {
  if (times.length === 0) return "never";
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
  return `p50 ${Math.round(at(0.5))} ms, p99 ${Math.round(at(0.99))} ms (${times.length} devices)`;
}

function sum<T>(list: readonly T[], of: (item: T) => number): number {
  return list.reduce((total, item) => total + of(item), 0);
}
