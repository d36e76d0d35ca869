import fc from "fast-check";
import { expect, test } from "vitest";
import { LatencyRecorder } from "../../../src/detectors/statistics/latency-recorder.ts";

function recorded(values: readonly number[]): LatencyRecorder {
  const recorder = new LatencyRecorder();
  for (const value of values) recorder.record(value);
  return recorder;
}

test("of 1 to 1,000 ms the percentiles are what they are called", () => {
  const recorder = recorded(Array.from({ length: 1000 }, (_, place) => place + 1));
  const { count, p50, p90, p99, max } = recorder.percentiles();

  expect(count).toBe(1000);
  expect(p50 / 500).toBeCloseTo(1, 2);
  expect(p90 / 900).toBeCloseTo(1, 2);
  expect(p99 / 990).toBeCloseTo(1, 2);
  expect(max / 1000).toBeCloseTo(1, 2);
  expect(recorder.meanMs / 500.5).toBeCloseTo(1, 2);
});

test("a percentile is right to three digits, from a microsecond to an hour", () => {
  const values = fc.array(fc.double({ min: 0.001, max: 3_600_000, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(values, (taken) => {
      const sorted = [...taken].sort((a, b) => a - b);
      const median = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
      const { count, p50 } = recorded(taken).percentiles();
      expect(count).toBe(taken.length);
      expect(Math.abs(p50 - median)).toBeLessThanOrEqual(0.001 + median * 0.002);
    }),
  );
});

test("of nothing, everything is 0", () => {
  const nothing = { count: 0, p50: 0, p90: 0, p99: 0, max: 0 };

  expect(new LatencyRecorder().percentiles()).toEqual(nothing);
  expect(new LatencyRecorder().meanMs).toBe(0);
});

test("a clock that seems to go backwards counts as no time", () => {
  expect(recorded([-1, 0]).percentiles()).toEqual({ count: 2, p50: 0, p90: 0, p99: 0, max: 0 });
});
