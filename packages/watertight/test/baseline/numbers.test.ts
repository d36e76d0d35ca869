import { describe, expect, it } from "vitest";
import { EMPTY_BASELINE } from "../../src/baseline/baseline.ts";
import { compareWithBaseline } from "../../src/baseline/compare.ts";
import { updateBaseline } from "../../src/baseline/update.ts";
import type { ComparedNumber } from "../../src/baseline-comparison.ts";
import type { Report } from "../../src/report.ts";
import { type Load, sizedReport, timedReport, trend } from "./measured-report.ts";

const OPTIONS = { file: "base.json", strict: false };
const SEEDS = Array.from({ length: 120 }, (_, seed) => seed);

/** What comes out for the second run after a baseline of the first. */
function outcomes(first: readonly Report[], second: Report): readonly ComparedNumber[] {
  const baseline = first.reduce((made, report) => updateBaseline(made, report), EMPTY_BASELINE);
  return compareWithBaseline(second, baseline, OPTIONS).numbers;
}

/** How many of the seeds give a median or a 90th percentile that is worse. */
function alarms(before: Omit<Load, "seed">, after: Omit<Load, "seed">): number {
  return SEEDS.filter((seed) => {
    const first = timedReport({ seed: seed * 2 + 1, ...before });
    const second = timedReport({ seed: seed * 2 + 2, ...after });
    return outcomes([first], second).some(({ outcome }) => outcome === "worse");
  }).length;
}

describe("response times against a baseline of one run", () => {
  it("are not worse when nothing has changed, also on a machine that is three times slower", () => {
    expect(alarms({}, {})).toBe(0);
    expect(alarms({}, { machine: 3 })).toBe(0);
  });

  it("are worse in every run when users take twice as long together", () => {
    expect(alarms({ factor: 1.3 }, { factor: 2.6 })).toBe(SEEDS.length);
  });

  it("are worse in most runs at one and a half times, and in hardly any at a tenth more", () => {
    expect(alarms({ factor: 1.3 }, { factor: 1.3 * 1.5 })).toBeGreaterThan(SEEDS.length * 0.9);
    expect(alarms({ factor: 1.3 }, { factor: 1.3 * 1.1 })).toBeLessThan(SEEDS.length * 0.05);
  });

  it("don't count below a millisecond", () => {
    const fast = { machine: 0.02 };
    expect(alarms({ ...fast, factor: 1.3 }, { ...fast, factor: 3 })).toBe(0);
  });

  it("are compared with as many users only", () => {
    const before = timedReport({ seed: 1, users: 20 });
    const now = timedReport({ seed: 2, users: 50 });
    const { numbers, notCompared } = compareWithBaseline(
      now,
      updateBaseline(EMPTY_BASELINE, before),
      OPTIONS,
    );
    expect(numbers).toEqual([]);
    expect(notCompared).toHaveLength(4);
  });
});

describe("memory against a baseline", () => {
  const outcome = (before: Report, now: Report): string | undefined =>
    outcomes([before], now)[0]?.outcome;

  it.each([
    ["grows by half", trend(94_000, 900), trend(141_000, 900), "worse"],
    ["grows by a tenth", trend(94_000, 900), trend(103_400, 900), "as before"],
    ["grows within its noise", trend(94_000, 40_000), trend(141_000, 40_000), "as before"],
    ["grows by a few bytes", trend(100, 5), trend(700, 5), "as before"],
    ["shrinks by half", trend(94_000, 900), trend(47_000, 900), "better"],
  ])("per connected user %s", (_, before, now, expected) => {
    expect(outcome(sizedReport(before, null), sizedReport(now, null))).toBe(expected);
  });

  it.each([
    ["begins to stay", trend(40, 75), trend(900, 75), "worse"],
    ["stays within its noise", trend(-40, 75), trend(200, 300), "as before"],
    ["was negative, and is hardly more", trend(-300, 20), trend(-20, 20), "as before"],
  ])("per user who left %s", (_, before, now, expected) => {
    expect(outcome(sizedReport(null, before), sizedReport(null, now))).toBe(expected);
  });

  it("is compared on the same Node only", () => {
    const before = updateBaseline(EMPTY_BASELINE, sizedReport(trend(94_000, 900), null));
    const now = sizedReport(trend(200_000, 900), null);
    const environment = { ...now.environment, node: "v24.1.0" };
    const compared = compareWithBaseline({ ...now, environment }, before, OPTIONS);

    expect(compared.numbers).toEqual([]);
    expect(compared.notCompared).toEqual([
      "The baseline does not have the memory per connected user on Node v24 and linux.",
    ]);
  });
});

describe("the runs that a baseline remembers", () => {
  const sized = (bytes: number): Report => sizedReport(trend(bytes, 900), null);

  it("widen what counts as noise", () => {
    const [one] = outcomes([sized(100_000)], sized(125_000));
    const [three] = outcomes([sized(100_000), sized(115_000), sized(124_000)], sized(125_000));

    expect(one?.outcome).toBe("worse");
    expect(three?.outcome).toBe("as before");
    expect(three?.before).toEqual({ value: 115_000, low: 99_100, high: 124_900 });
  });

  it("are five at most, and begin anew with a number that is worse or better", () => {
    const baseline = [1, 2, 3, 4, 5, 6, 7]
      .map((step) => sized(100_000 + step))
      .reduce((made, report) => updateBaseline(made, report), EMPTY_BASELINE);
    expect(baseline.numbers[0]?.runs.map(({ value }) => value - 100_000)).toEqual([3, 4, 5, 6, 7]);

    expect(updateBaseline(baseline, sized(300_000)).numbers[0]?.runs).toHaveLength(1);
    expect(updateBaseline(baseline, sized(30_000)).numbers[0]?.runs).toHaveLength(1);
  });

  it("stay when a run did not measure them", () => {
    const before = updateBaseline(EMPTY_BASELINE, sized(94_000));
    const now = sizedReport(null, null);

    expect(updateBaseline(before, now).numbers).toEqual(before.numbers);
    expect(compareWithBaseline(now, before, OPTIONS).notCompared).toEqual([
      "This run did not measure the memory per connected user.",
    ]);
  });
});
