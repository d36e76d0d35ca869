import type { BaselineComparison } from "../baseline-comparison.ts";
import type { Finding } from "../finding.ts";
import type { Report } from "../report.ts";
import type { Baseline, BaselineFinding, BaselineNumber } from "./baseline.ts";
import { compareWithBaseline, findEntry, placesOf } from "./compare.ts";
import { type MeasuredNumber, numbersOf } from "./numbers.ts";

/** So many runs are remembered for each number: enough to show how it scatters. */
const KEPT_RUNS = 5;

/**
 * The baseline after a run. Entries that were seen, and those whose check was not made, stay as
 * people wrote them; stale ones go; new findings come with an empty reason. A number that is worse
 * or better than before begins anew; otherwise the run joins the last ones.
 */
export function updateBaseline(baseline: Baseline, report: Report): Baseline {
  const comparison = compareWithBaseline(report, baseline, { file: "", strict: false });
  const stale = comparison.stale.map(({ id }) => id);
  const kept = baseline.findings.filter(({ id }) => !stale.includes(id));
  const found = report.categories.flatMap(({ checks }) => checks.flatMap((made) => made.findings));
  const unknown = found.filter(({ id }) => comparison.known[id] === undefined);
  return {
    ...baseline,
    findings: [...kept, ...toEntries(unknown)],
    numbers: updateNumbers(baseline.numbers, comparison, report),
  };
}

/** One entry for what one place does to many pairs of users. */
function toEntries(findings: readonly Finding[]): readonly BaselineFinding[] {
  const entries: BaselineFinding[] = [];
  for (const finding of findings) {
    if (findEntry(finding, entries) !== undefined) continue;
    const { id, check, kind, title } = finding;
    const place = placesOf(finding)[0];
    const where = place === undefined ? {} : { place };
    entries.push({ id, check, kind, ...where, title, reason: "" });
  }
  return entries;
}

function updateNumbers(
  numbers: readonly BaselineNumber[],
  comparison: BaselineComparison,
  report: Report,
): readonly BaselineNumber[] {
  const measured = numbersOf(report);
  const old = numbers.map((number) => {
    const now = measured.find(({ name }) => name === number.name);
    return now === undefined
      ? number
      : { ...number, runs: runsOf(number, now, comparison, report) };
  });
  const names = numbers.map(({ name }) => name);
  const added = measured
    .filter(({ name }) => !names.includes(name))
    .map(({ name, unit, ...now }) => ({ name, unit, runs: [toRun(now, report)] }));
  return [...old, ...added];
}

function runsOf(
  { runs }: BaselineNumber,
  now: MeasuredNumber,
  { numbers }: BaselineComparison,
  report: Report,
): BaselineNumber["runs"] {
  const compared = numbers.find(({ name }) => name === now.name);
  const isChanged = compared !== undefined && compared.outcome !== "as before";
  return [...(isChanged ? [] : runs), toRun(now, report)].slice(-KEPT_RUNS);
}

function toRun(
  { value, low, high }: Pick<MeasuredNumber, "value" | "low" | "high">,
  { environment: { node, platform } }: Report,
): BaselineNumber["runs"][number] {
  return { value, low, high, node, platform };
}
