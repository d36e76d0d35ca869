import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  fitScalability,
  type ThroughputPoint,
} from "../../../src/detectors/statistics/scalability.ts";
import { createRandom } from "../../../src/internal/random.ts";

const USERS = [1, 5, 10, 20, 50];

function law(
  [lambda, sigma, kappa]: readonly [number, number, number],
  users: readonly number[] = USERS,
): ThroughputPoint[] {
  return users.map((n) => ({
    users: n,
    perSecond: (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1)),
  }));
}

describe("the scalability law", () => {
  test("gives back what was planted: λ, σ, κ", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 1e5, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 0.1, noNaN: true }),
        (lambda, sigma, kappa) => {
          const fit = fitScalability(law([lambda, sigma, kappa]));
          expect((fit?.lambda ?? 0) / lambda).toBeCloseTo(1, 6);
          expect(fit?.contention).toBeCloseTo(sigma, 3);
          expect(fit?.coherency).toBeCloseTo(kappa, 5);
          expect(fit?.residual).toBeLessThan(1e-6);
        },
      ),
    );
  });

  test("stays near it under 2 % of noise", () => {
    const random = createRandom(7);
    for (const sigma of [0, 0.02, 0.2, 0.8]) {
      const noisy = law([40, sigma, 0.0005]).map((point) => ({
        ...point,
        perSecond: point.perSecond * (0.98 + 0.04 * random.next()),
      }));
      const fit = fitScalability(noisy);
      expect(fit?.lambda).toBeGreaterThan(36);
      expect(fit?.lambda).toBeLessThan(44);
      expect(Math.abs((fit?.contention ?? 9) - sigma)).toBeLessThan(0.02 + 0.15 * sigma);
      expect(fit?.residual).toBeLessThan(0.04);
    }
  });

  test("keeps its bounds where the points would have none", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.01, max: 1e4, noNaN: true }), {
          minLength: USERS.length,
          maxLength: USERS.length,
        }),
        (rates) => {
          const points = USERS.map((users, place) => ({ users, perSecond: rates[place] ?? 1 }));
          const fit = fitScalability(points);
          expect(fit?.lambda).toBeGreaterThan(0);
          expect(fit?.contention).toBeGreaterThanOrEqual(0);
          expect(fit?.contention).toBeLessThanOrEqual(1);
          expect(fit?.coherency).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  test("a lock that all users share has σ near 1, and says so", () => {
    const fit = fitScalability(law([50, 1, 0]));

    expect(fit?.contention).toBeCloseTo(1, 6);
    expect(fit?.peakUsers).toBeNull();
    expect(fit?.words).toContain("users wait for each other: 100 %");
  });

  test("a trace of noise is no peak at a hundred thousand users", () => {
    expect(fitScalability(law([4, 0, 1e-6]))).toMatchObject({ coherency: 0, peakUsers: null });
  });

  test("independent users wait for nobody", () => {
    const fit = fitScalability(law([4, 0, 0]));

    expect(fit).toMatchObject({ contention: 0, coherency: 0, peakUsers: null });
    expect(fit?.words).toContain("users hardly wait for each other: 0 %");
  });

  test("what each pair costs gives a peak, with its number of users", () => {
    const fit = fitScalability(law([4, 0.05, 0.0005]));

    expect(fit?.peakUsers).toBe(44);
    expect(fit?.words).toContain("more than 44 users would get less done together");
  });

  test("a peak beyond what was tried is called so", () => {
    expect(fitScalability(law([4, 0, 0.0001]))?.words).toContain("beyond the 50 that were tried");
  });

  test.each([
    ["nothing", []],
    ["one number of users", law([1, 0, 0], [5, 5, 5])],
    ["two numbers of users", law([1, 0, 0], [1, 50])],
    ["no throughput", USERS.map((users) => ({ users, perSecond: 0 }))],
  ])("says nothing of %s", (_, points) => {
    expect(fitScalability(points)).toBeUndefined();
  });
});
