import { expect, it } from "vitest";
import { EMPTY_BASELINE } from "../../src/baseline/baseline.ts";
import { compareWithBaseline } from "../../src/baseline/compare.ts";
import { updateBaseline } from "../../src/baseline/update.ts";
import { reportWith } from "../reporters/changed-report.ts";
import { leakFinding } from "../reporters/sample-report.ts";

it("a leak to a sink between two users is not known by that of two others", () => {
  const leakOf = (from: number, to: number) =>
    leakFinding(from, to, 1, { kind: "outbound-leak", heldIn: [] });
  const baseline = updateBaseline(EMPTY_BASELINE, reportWith([leakOf(1, 2)]));
  const compare = (from: number, to: number) =>
    compareWithBaseline(reportWith([leakOf(from, to)]), baseline, { file: "b", strict: false });

  expect(compare(1, 2).verdict).toBe("passed");
  expect(compare(3, 4).verdict).toBe("failed");
});
