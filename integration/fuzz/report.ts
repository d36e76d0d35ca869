import type { FuzzOutcome } from "./fuzz.ts";
import type { FuzzOptions } from "./options.ts";

/** Answers that must have been seen, or the nonsense was refused at the door and tested nothing. */
const EXPECTED_STATUSES: readonly number[] = Object.freeze([101, 200, 400, 401, 404]);

/** Why the run proves nothing: what was to happen did not. */
export function missingControls(
  { inputs, statuses, witnessRuns }: FuzzOutcome,
  { replay, seconds }: FuzzOptions,
): string[] {
  if (replay !== undefined) return [];
  const missing = EXPECTED_STATUSES.filter((status) => !statuses.has(status)).map(
    (status) => `nobody was answered with ${status}`,
  );
  if (inputs < seconds * 5) missing.push(`only ${inputs} inputs were played`);
  if (witnessRuns < 4) missing.push(`the witnesses saw only ${witnessRuns} runs end`);
  return missing;
}

/** The table. */
export function describe(outcome: FuzzOutcome, { seed }: FuzzOptions): string {
  const { inputs, tookMs, before, after, findings } = outcome;
  const perSecond = (inputs / (tookMs / 1000)).toFixed(0);
  const heap = [before, after].map((state) => state?.heapMegabytes.toFixed(1) ?? "?").join(" → ");
  const tables = `${after?.users ?? "?"} users, ${after?.connections ?? "?"} connections`;
  const rows: readonly (readonly [string, string | number])[] = [
    ["inputs", `${inputs} in ${(tookMs / 1000).toFixed(0)} s, ${perSecond} a second`],
    ["made of", listed(outcome.kinds)],
    ["answers", listed(outcome.statuses)],
    ["runs of the witnesses", outcome.witnessRuns],
    ["slowest answer to a question", `${outcome.slowestMs} ms`],
    [
      "longest turn of its event loop",
      `${after?.longestTurnMs.toFixed(0) ?? "?"} ms of processor time`,
    ],
    ["left in the end", `${tables} (the witnesses')`],
    [
      "heap after a collection",
      `${heap} MiB, at most ${after?.peakMegabytes.toFixed(0) ?? "?"} MiB resident`,
    ],
    ["findings", findings.length],
    ["seed", seed],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(32)}${value}`).join("\n");
}

function listed(counts: ReadonlyMap<string | number, number>): string {
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a);
  return sorted.map(([name, count]) => `${count} × ${name}`).join(", ");
}
