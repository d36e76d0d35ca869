import { describe, expect, it } from "vitest";
import { type Baseline, EMPTY_BASELINE, renderBaseline } from "../../src/baseline/baseline.ts";
import { compareWithBaseline } from "../../src/baseline/compare.ts";
import { parseBaseline } from "../../src/baseline/parse-baseline.ts";
import { updateBaseline } from "../../src/baseline/update.ts";
import type { BaselineComparison } from "../../src/baseline-comparison.ts";
import type { Finding } from "../../src/finding.ts";
import type { IsolationTestResult, Report } from "../../src/report.ts";
import { reportWith } from "../reporters/changed-report.ts";
import {
  broadcastReport,
  inconclusiveReport,
  leakFinding,
  passedReport,
} from "../reporters/sample-report.ts";

const OPTIONS = { file: "base.json", strict: false };

function compare(report: Report, baseline: Baseline, strict = false): BaselineComparison {
  return compareWithBaseline(report, baseline, { ...OPTIONS, strict });
}

/** A baseline that knows these findings. */
function knowing(...findings: readonly Finding[]): Baseline {
  return updateBaseline(EMPTY_BASELINE, reportWith(findings));
}

function changed(report: Report, id: string, changes: Partial<IsolationTestResult>): Report {
  const categories = report.categories.map((category) => ({
    ...category,
    checks: category.checks.map((check) => (check.id === id ? { ...check, ...changes } : check)),
  }));
  return { ...report, categories };
}

describe("findings against a baseline", () => {
  const leak = leakFinding(7, 3, 4);
  const elsewhere = leakFinding(1, 2, 3, {
    heldIn: leak.heldIn.map((holder) => ({ ...holder, variable: "cache" })),
  });
  const placeless = leakFinding(1, 2, 3, { heldIn: [] });

  it("fail if they are new, and pass as known", () => {
    expect(compare(reportWith([leak]), EMPTY_BASELINE)).toMatchObject({ verdict: "failed" });
    expect(compare(reportWith([leak]), knowing(leak))).toMatchObject({
      verdict: "passed",
      checks: { "2.1": "known", "1.1": "passed" },
      known: { [leak.id]: { title: leak.title } },
      stale: [],
    });
    expect(compare(reportWith([leak, elsewhere]), knowing(leak))).toMatchObject({
      verdict: "failed",
      checks: { "2.1": "failed" },
    });
  });

  it("are known by their place for other users too, also when lines have moved", () => {
    const heldIn = leak.heldIn.map((holder) => ({ ...holder, line: 99 })).toReversed();
    const others = leakFinding(12, 30, 9, { heldIn });

    expect(compare(reportWith([others]), knowing(leak)).verdict).toBe("passed");
  });

  it("are new at another place, in another check, and of another kind", () => {
    const baseline = knowing(leak);
    const different = [
      elsewhere,
      leakFinding(1, 2, 3, { check: "1.1" }),
      leakFinding(1, 2, 3, { kind: "swap" }),
      placeless,
    ];
    for (const finding of different) {
      expect(compare(reportWith([finding]), baseline).verdict, finding.title).toBe("failed");
    }
  });

  it("without a place are known for the same users only, if they are told a pair at a time", () => {
    const others = leakFinding(5, 6, 3, { heldIn: [] });
    const lost = leakFinding(1, 2, 3, { kind: "loss", heldIn: [] });
    const lostElsewhere = leakFinding(5, 6, 3, { kind: "loss", heldIn: [] });

    expect(compare(reportWith([placeless]), knowing(placeless)).verdict).toBe("passed");
    expect(compare(reportWith([others]), knowing(placeless)).verdict).toBe("failed");
    expect(compare(reportWith([lostElsewhere]), knowing(lost)).verdict).toBe("passed");
  });

  it("don't hide that nothing else was proved", () => {
    const silent = changed(reportWith([leak]), "2.1", { control: { expected: 400, received: 12 } });
    const withUnsure = changed(reportWith([leak]), "1.1", { verdict: "inconclusive" });

    expect(compare(silent, knowing(leak)).verdict).toBe("inconclusive");
    expect(compare(withUnsure, knowing(leak)).verdict).toBe("inconclusive");
    expect(compare(inconclusiveReport(), EMPTY_BASELINE).verdict).toBe("inconclusive");
  });

  it("explain missing answers, if they tell of them and some answers came", () => {
    const lost = leakFinding(1, 2, 3, { kind: "loss", heldIn: [] });
    const answered = (received: number): Report =>
      changed(reportWith([lost]), "2.1", { control: { expected: 400, received } });

    expect(compare(answered(12), knowing(lost)).checks["2.1"]).toBe("known");
    expect(compare(answered(0), knowing(lost)).checks["2.1"]).toBe("inconclusive");
  });

  it("that a check failed without stay a failure", () => {
    const strange = changed(passedReport(), "2.1", { verdict: "failed" });
    expect(compare(strange, EMPTY_BASELINE).verdict).toBe("failed");
  });
});

describe("stale entries", () => {
  const leak = leakFinding(7, 3, 4);

  it("are listed, and fail only if asked to", () => {
    expect(compare(passedReport(), knowing(leak))).toMatchObject({
      verdict: "passed",
      stale: [{ id: leak.id }],
    });
    expect(compare(passedReport(), knowing(leak), true).verdict).toBe("failed");
    expect(compare(reportWith([leak]), knowing(leak), true).verdict).toBe("passed");
  });

  it("are none that know a finding which another entry knows, too", () => {
    const [manager, bridge] = leak.heldIn;
    const entries = [manager, bridge].map((holder, place) => ({
      id: `wt-00000${place}`,
      check: "2.1",
      kind: "leak",
      place: `${holder?.file} ${holder?.variable}`,
      title: "",
      reason: "",
    }));
    expect(compare(reportWith([leak]), { ...EMPTY_BASELINE, findings: entries }).stale).toEqual([]);
  });

  it("are none of a check that was not made", () => {
    const { categories, ...rest } = passedReport();
    const without = { ...rest, categories: categories.filter(({ id }) => id !== 2) };
    const unsure = changed(passedReport(), "2.1", { verdict: "inconclusive" });

    expect(compare(without, knowing(leak), true).stale).toEqual([]);
    expect(compare(unsure, knowing(leak)).stale).toEqual([]);
    expect(updateBaseline(knowing(leak), unsure).findings).toHaveLength(1);
  });
});

describe("an update", () => {
  it("makes one entry for what one place does, whichever place comes first", () => {
    const { heldIn } = leakFinding(7, 3, 4);
    const turned = leakFinding(1, 2, 3, { heldIn: heldIn.toReversed() });
    expect(knowing(leakFinding(7, 3, 4), turned).findings).toHaveLength(1);
  });

  it("makes one entry for what one place does to many users, and keeps reasons", () => {
    const first = updateBaseline(EMPTY_BASELINE, broadcastReport());
    const places = first.findings.map(({ check, kind, place }) => `${check} ${kind} ${place}`);
    expect(new Set(places).size).toBe(places.length);
    expect(places.length).toBeLessThan(10);

    const written = {
      ...first,
      findings: first.findings.map((entry) => ({ ...entry, reason: "legacy", owner: "ana" })),
    };
    expect(updateBaseline(written, broadcastReport()).findings).toEqual(written.findings);
    expect(compare(broadcastReport(), written).verdict).toBe("passed");
  });

  it("takes stale entries out and new ones in, with a reason that is still to be written", () => {
    const old = leakFinding(7, 3, 4);
    const fresh = leakFinding(1, 2, 3, { kind: "swap" });
    const updated = updateBaseline(knowing(old), reportWith([fresh]));

    expect(updated.findings.map(({ id, reason }) => [id, reason])).toEqual([[fresh.id, ""]]);
  });
});

describe("the file", () => {
  const text = renderBaseline(updateBaseline(EMPTY_BASELINE, broadcastReport()));

  it("is read as it was written, with what people added", () => {
    expect(renderBaseline(parseBaseline(text, "base.json"))).toBe(text);
    const added = text.replace('"version": 1,', '"version": 1, "note": "ask Ana",');
    expect(renderBaseline(parseBaseline(added, "base.json"))).toContain('"note": "ask Ana"');
  });

  it("is read whole or not at all, wherever it was cut off", () => {
    for (let length = 0; length < text.trimEnd().length; length += 97) {
      expect(() => parseBaseline(text.slice(0, length), "base.json")).toThrow(
        expect.objectContaining({ code: "WT_BASELINE_UNREADABLE" }),
      );
    }
  });

  it.each([
    ["", "got: an empty file"],
    ["[]", "with an object as a baseline, got []"],
    ["{}", 'with "version": 1, got nothing'],
    ['{"version":2,"findings":[],"numbers":[]}', "version 2, which a newer watertight wrote"],
    ['{"version":1,"numbers":[]}', "with a list as findings, got nothing"],
    ['{"version":1,"findings":[{"id":7}],"numbers":[]}', "with a text as findings[0].id, got 7"],
    [
      '{"version":1,"findings":[],"numbers":[{"name":"a","unit":"B","runs":[{"value":"1"}]}]}',
      'with a number as numbers[0].runs[0].value, got "1"',
    ],
    ['{"version":1,"findings":[],"numbers":[{"name":"a","unit":"m"}]}', 'unit "×" or "B", got "m"'],
  ])("%j is refused with the place that is wrong", (broken, message) => {
    expect(() => parseBaseline(broken, "base.json")).toThrow(message);
  });
});
