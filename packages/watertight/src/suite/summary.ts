import type { CheckOutcome } from "./check.ts";
import type { RoundResult, SuiteObservation } from "./round.ts";

/** Adds up the rounds of a check. `shown` says what a pass means, with the numbers given to it. */
export function summarize(
  rounds: readonly { readonly pattern: string; readonly result: RoundResult }[],
  shown: (events: number) => string,
): CheckOutcome {
  const results = rounds.map(({ result }) => result);
  const events = sum(results.map((result) => result.events));
  return {
    observations: results.flatMap((result): readonly SuiteObservation[] => result.observations),
    events,
    control: {
      expected: sum(results.map(({ control }) => control.expected)),
      received: sum(results.map(({ control }) => control.received)),
    },
    patterns: [...new Set(rounds.map(({ pattern }) => pattern))],
    shown: shown(events),
  };
}

export function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

/** The middle one of some numbers; 0 of none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
