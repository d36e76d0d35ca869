import fc from "fast-check";
import { expect, test } from "vitest";
import { type Point, theilSen } from "../../../src/detectors/statistics/theil-sen.ts";
import { createRandom, type Random } from "../../../src/internal/random.ts";

/** Sums of twelve uniform numbers are nearly normal: mean 0, deviation 1. */
function noise(random: Random): number {
  let sum = -6;
  for (let part = 0; part < 12; part += 1) sum += random.next();
  return sum;
}

function lineOf(slope: number, intercept: number, places: readonly number[]): Point[] {
  return places.map((x) => ({ x, y: intercept + slope * x }));
}

test("an example by hand: the median of ten slopes, and all of them as its interval", () => {
  const points = [1, 2, 4, 3, 5].map((y, x) => ({ x, y }));

  expect(theilSen(points)).toEqual({ slope: 1, low: -1, high: 2, intercept: 1 });
});

test("the example of Sen's paper has the slope 4", () => {
  const x = [1, 2, 3, 4, 10, 12, 18];
  const y = [9, 15, 19, 20, 45, 55, 78];
  const trend = theilSen(x.map((place, index) => ({ x: place, y: y[index] ?? 0 })));

  expect(trend?.slope).toBeCloseTo(4, 10);
  expect(trend?.low).toBeGreaterThan(3);
  expect(trend?.high).toBeLessThan(6);
});

test("a line without noise is found exactly, whatever its slope, order and ties", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1000, max: 1000 }),
      fc.integer({ min: -1000, max: 1000 }),
      fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 5, maxLength: 30 }),
      (slope, intercept, places) => {
        fc.pre(new Set(places).size > 1);
        const trend = theilSen(lineOf(slope, intercept, places));
        expect(trend?.slope).toBeCloseTo(slope, 9);
        expect(trend?.intercept).toBeCloseTo(intercept, 6);
      },
    ),
  );
});

test("two points of twelve that are far off don't turn it", () => {
  const points = lineOf(3, 10, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  const wild = points.map((point, place) => (place % 6 === 5 ? { ...point, y: 1e9 } : point));

  expect(theilSen(wild)?.slope).toBeCloseTo(3, 6);
});

test("the interval holds the true slope in about 95 of 100 samples, and not in all", () => {
  const random = createRandom(20_260_714);
  const samples = 1000;
  let held = 0;
  for (let sample = 0; sample < samples; sample += 1) {
    const points = Array.from({ length: 14 }, (_, x) => ({ x, y: 5 + 2 * x + 4 * noise(random) }));
    const trend = theilSen(points);
    if (trend !== undefined && trend.low <= 2 && trend.high >= 2) held += 1;
  }

  expect(held / samples).toBeGreaterThan(0.93);
  expect(held / samples).toBeLessThan(0.99);
});

test.each([
  ["no point", []],
  ["one point", [{ x: 1, y: 1 }]],
  ["four points", lineOf(1, 0, [1, 2, 3, 4])],
  ["points at one place", lineOf(1, 0, [2, 2, 2, 2, 2, 2])],
])("says nothing of %s", (_, points) => {
  expect(theilSen(points)).toBeUndefined();
});

test("of zeros it says zero", () => {
  expect(theilSen(lineOf(0, 0, [1, 2, 3, 4, 5]))).toEqual({
    slope: 0,
    low: 0,
    high: 0,
    intercept: 0,
  });
});
