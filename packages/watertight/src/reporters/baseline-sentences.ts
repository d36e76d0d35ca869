import type { BaselineComparison, ComparedNumber, Estimate } from "../baseline-comparison.ts";
import { number, oneLine, plural } from "./plain-text.ts";

/** A run beside its baseline in one sentence: how much is known, new, stale, worse. */
export function baselineSummary(baseline: BaselineComparison, findings: number): string {
  const { file, known, stale, numbers } = baseline;
  const count = Object.keys(known).length;
  const worse = numbers.filter(({ outcome }) => outcome === "worse").length;
  const compared =
    numbers.length === 0
      ? "no number was compared"
      : `${worse} of ${plural(numbers.length, "number")} worse beyond noise`;
  return `Baseline ${file}: ${plural(count, "known finding")}, ${number(findings - count)} new, ${number(stale.length)} stale; ${compared}`;
}

/** What a person should look at, a sentence each; nothing if the run is as the baseline says. */
export function baselineDetails(baseline: BaselineComparison): readonly string[] {
  const { known, stale, numbers, notCompared, strict } = baseline;
  const entries = [...new Map(Object.values(known).map((entry) => [entry.id, entry])).values()];
  return [
    ...numbers.filter(({ outcome }) => outcome !== "as before").map(comparedText),
    ...entries.map(({ id, check, title, reason }) =>
      oneLine(
        `known ${id} (${check}): ${reason === "" ? `${title}; no reason is written` : reason}`,
      ),
    ),
    ...stale.map(({ id, check, title }) =>
      oneLine(`stale ${id} (${check}), ${strict ? "fails this run" : "not seen"}: ${title}`),
    ),
    ...notCompared,
  ];
}

/** `worse: memory per user who left 900 [850; 950] B, before 40 [-31; 118] B in 3 runs`. */
export function comparedText({ name, unit, now, before, runs, outcome }: ComparedNumber): string {
  const was = `before ${estimate(before)} ${unit} in ${plural(runs, "run")}`;
  return `${outcome}: ${name} ${estimate(now)} ${unit}, ${was}`;
}

function estimate({ value, low, high }: Estimate): string {
  return `${number(value)} [${number(low)}; ${number(high)}]`;
}
