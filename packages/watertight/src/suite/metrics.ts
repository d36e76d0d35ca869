import type { FindingKind } from "../finding.ts";
import type { Metrics, RoutingMatrix } from "../report.ts";
import type { Bench } from "./bench.ts";
import type { RoundResult } from "./round.ts";
import { median, sum } from "./summary.ts";

const INCIDENTS: readonly FindingKind[] = Object.freeze<FindingKind[]>([
  "loss",
  "duplicate",
  "reorder",
  "unexpected",
  "blocked",
]);
/** What left the target for somewhere else counts here, but is no frame that anybody received. */
const MIXING: readonly FindingKind[] = Object.freeze<FindingKind[]>([
  "leak",
  "outbound-leak",
  "foreign-access",
]);
const BYTES_PER_MB = 1024 * 1024;

/** Adds up whose canaries reached whom over all rounds. */
export function routingMatrix(rounds: readonly RoundResult[], users: number): RoutingMatrix {
  const total = new Map<string, number>();
  for (const { cells } of rounds) {
    for (const [cell, frames] of cells) total.set(cell, (total.get(cell) ?? 0) + frames);
  }
  // Visitors, who are numbered from `users` on, have no place in it.
  const cells = [...total]
    .map(([cell, frames]): [number, number, number] => {
      const [from = 0, to = 0] = cell.split(" ").map(Number);
      return [from, to, frames];
    })
    .filter(([from, to]) => from < users && to < users);
  cells.sort(([fromA, toA], [fromB, toB]) => fromA - fromB || toA - toB);
  return { users, cells };
}

/** The five metrics, as far as the rounds that were played measure them. */
export async function measureMetrics(bench: Bench): Promise<Metrics> {
  const rounds = bench.totals;
  const users = bench.identities.length;
  const total = sum(rounds.map(({ events }) => events));
  const misrouted = sum(rounds.map((round) => round.misrouted));
  const loadedMs = median(bench.loadedMs);
  const solo = await bench.solo();
  const operations = sum(rounds.map(({ control }) => control.expected));
  const mixed = mixedUsers(bench);
  // Nothing foreign came to users who got nothing of their own either: that shows nothing.
  const cameHome = sum(rounds.map(({ control }) => control.received));
  const isShown = total > 0 && (cameHome > 0 || mixed > 0);
  const bytes = bench.memoryBytes;
  return {
    isolation: isShown ? { isolatedUsers: users - mixed, users } : null,
    routing: isShown ? { correct: total - misrouted, total } : null,
    memory: bytes === undefined ? null : { mbPerUser: Math.max(0, bytes) / BYTES_PER_MB / users },
    responseTime:
      solo.medianMs === 0 || loadedMs === 0 ? null : { soloMs: solo.medianMs, loadedMs },
    incidents: operations === 0 ? null : { count: countIncidents(rounds), operations },
  };
}

/** Users who received, or whose data was received by, somebody else. */
function mixedUsers({ totals, identities }: Bench): number {
  const mixed = new Set<string | undefined>();
  for (const { kind, from, to } of totals.flatMap(({ observations }) => observations)) {
    if (MIXING.includes(kind)) mixed.add(from).add(to);
  }
  return identities.filter(({ name }) => mixed.has(name)).length;
}

/** Operations that went wrong, not the events that each of them missed. */
function countIncidents(rounds: readonly RoundResult[]): number {
  const observations = rounds.flatMap((round) => round.observations);
  return observations.filter(({ kind }) => INCIDENTS.includes(kind)).length;
}
