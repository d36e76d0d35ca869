import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CanaryBook } from "../../src/canary.ts";
import { createIdentities } from "../../src/simulate/simulated-user.ts";
import {
  capFor,
  crowdsOf,
  levelsFor,
  type LoadRole,
  thinkFor,
  windowFor,
} from "../../src/suite/load-plan.ts";
import { sum } from "../../src/suite/summary.ts";

const identitiesOf = (users: number) => createIdentities(users, new CanaryBook());

describe("the levels of a load", () => {
  test.each([
    [2, [1, 2]],
    [5, [1, 5]],
    [12, [1, 5, 10, 12]],
    [50, [1, 5, 10, 20, 50]],
    [80, [1, 5, 10, 20, 50, 80]],
    [1000, [1, 10, 100, 1000]],
    [5000, [1, 10, 100, 1000, 5000]],
  ])("of %i users are %j", (users, levels) => {
    expect(levelsFor(users)).toEqual(levels);
  });
});

describe("the pace", () => {
  test("leaves a server that does nothing but its work at 30 % at most, however many users", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1000, noNaN: true }),
        (users, workMs) => {
          const thinkMs = thinkFor(users, { workMs, medianMs: workMs });
          expect((users * workMs) / thinkMs).toBeLessThanOrEqual(0.3 + 1e-9);
          expect((users * 1000) / thinkMs).toBeLessThanOrEqual(500 + 1e-9);
        },
      ),
    );
  });

  test("of a person is no machine's", () => {
    expect(thinkFor(1, { workMs: 0, medianMs: 0 })).toBe(15);
  });

  test("gives slow operations more time, up to a bound, and never waits for one for ever", () => {
    expect(windowFor(50, { workMs: 1, medianMs: 2 })).toBe(1500);
    expect(windowFor(50, { workMs: 1, medianMs: 900 })).toBe(2700);
    expect(windowFor(50, { workMs: 1, medianMs: 60_000 })).toBe(10_000);
    expect(windowFor(5000, { workMs: 1, medianMs: 2 })).toBe(5000);
    expect(capFor({ workMs: 1, medianMs: 2 })).toBe(3000);
    expect(capFor({ workMs: 1, medianMs: 900 })).toBe(7200);
  });
});

describe("the two crowds", () => {
  const inFlight = (roles: readonly LoadRole[]): number =>
    sum(roles.filter(({ isMeasured }) => !isMeasured).map(({ loops }) => loops));
  const measuredIn = (roles: readonly LoadRole[]): readonly number[] =>
    roles.filter(({ isMeasured }) => isMeasured).map(({ identity }) => identity.number);

  test("have equally many requests in flight, beside the same others", () => {
    for (const users of [3, 4, 7, 12, 50]) {
      const crowds = crowdsOf(identitiesOf(users));
      expect(inFlight(crowds?.polite ?? [])).toBe(crowds?.requests);
      expect(inFlight(crowds?.flood ?? [])).toBe(crowds?.requests);
      expect(measuredIn(crowds?.polite ?? [])).toEqual(measuredIn(crowds?.flood ?? []));
      expect(measuredIn(crowds?.flood ?? []).length).toBeGreaterThan(0);
      expect(crowds?.polite.length).toBeLessThanOrEqual(users);
    }
  });

  test("take three users", () => {
    expect(crowdsOf(identitiesOf(2))).toBeUndefined();
  });
});
