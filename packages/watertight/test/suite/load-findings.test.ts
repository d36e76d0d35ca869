import { describe, expect, test } from "vitest";
import { explainDriver } from "../../src/suite/load-driver.ts";
import {
  type FewUsers,
  isContended,
  isDearer,
  isSlower,
  isUnfair,
} from "../../src/suite/load-findings.ts";
import { isHeavy, isSteeper } from "../../src/suite/load-memory.ts";
import type { LoadMeasurement } from "../../src/suite/load-round.ts";

const IDLE = { busy: 0.2, served: 1, delayMs: 0 };

function measured(p50: number, changes: Partial<LoadMeasurement> = {}): LoadMeasurement {
  return {
    latency: { count: 100, p50, p90: p50, p99: p50, max: p50 },
    meanMs: p50,
    operations: 100,
    framesPerOperation: 3,
    server: { cpuPerOperation: 1000, cpuShare: 0.3, loopShare: 0.3 },
    driverMsPerOperation: 1,
    driver: IDLE,
    ...changes,
  };
}

const server = (cpuPerOperation: number, cpuShare = 0.3, loopShare = cpuShare) => ({
  server: { cpuPerOperation, cpuShare, loopShare },
});

describe("contention", () => {
  test("is an operation that takes three times as long while the server has time", () => {
    expect(isContended(measured(60), measured(180))).toBe(true);
    expect(isContended(measured(60), measured(179))).toBe(false);
  });

  test("is none on a server that has no time, for whatever reason", () => {
    expect(isContended(measured(60), measured(900, server(1000, 0.8)))).toBe(false);
    expect(isContended(measured(60), measured(900, server(1000, 0.1, 0.9)))).toBe(false);
  });

  test("is none below the noise of timers, whatever the ratio", () => {
    expect(isSlower(measured(0.2), measured(50))).toBe(false);
    expect(isSlower(measured(0.2), measured(50.2))).toBe(true);
  });

  test("can't be told without a look at the server", () => {
    expect(isContended(measured(60), measured(900, { server: undefined }))).toBe(false);
  });
});

describe("what an operation costs", () => {
  const few: FewUsers = { most: 5, cpuPerOperation: 1000, framesPerOperation: 3 };

  test("is too much at three times the processor time", () => {
    expect(isDearer(few, measured(5, server(3000)))).toBe(true);
    expect(isDearer(few, measured(5, server(2999)))).toBe(false);
  });

  test("is too much at three times the frames, seen inside or not", () => {
    const inside = { framesPerOperation: 9, server: undefined };
    expect(isDearer(few, measured(5, inside))).toBe(true);
    expect(isDearer(few, measured(5, { ...inside, framesPerOperation: 8.9 }))).toBe(false);
  });

  test("is nothing where nothing was done", () => {
    expect(isDearer(few, measured(5, { ...server(9000), operations: 0 }))).toBe(false);
  });

  test("of 40 µs more is noise", () => {
    const cheap = { ...few, cpuPerOperation: 10 };
    expect(isDearer(cheap, measured(5, server(50)))).toBe(false);
    expect(isDearer(cheap, measured(5, server(60)))).toBe(true);
  });
});

describe("a flood", () => {
  test("is unfair if others wait three times as long as beside as many polite users", () => {
    expect(isUnfair(measured(40), measured(120))).toBe(true);
    expect(isUnfair(measured(40), measured(119))).toBe(false);
    expect(isUnfair(measured(10), measured(59))).toBe(false);
  });
});

describe("memory per user", () => {
  const line = (slope: number, spread: number) => ({
    slope,
    low: slope - spread,
    high: slope + spread,
    intercept: 0,
  });

  test("grows with the number of users if the second half costs twice the first, beyond noise", () => {
    const perUser = line(30_000, 1000);
    expect(isSteeper({ perUser, lower: line(10_000, 5000), upper: line(40_000, 5000) })).toBe(true);
    expect(isSteeper({ perUser, lower: line(10_000, 20_000), upper: line(40_000, 20_000) })).toBe(
      false,
    );
    expect(isSteeper({ perUser, lower: line(30_000, 1000), upper: line(40_000, 1000) })).toBe(
      false,
    );
    expect(isSteeper({ perUser, lower: line(1000, 100), upper: line(4000, 100) })).toBe(false);
    expect(isSteeper({ perUser, lower: undefined, upper: undefined })).toBe(false);
  });

  test("is too much if even the lower end of its interval is above the limit", () => {
    const rest = { lower: undefined, upper: undefined };
    expect(isHeavy({ perUser: line(1200, 100), ...rest }, 1000)).toBe(true);
    expect(isHeavy({ perUser: line(1200, 300), ...rest }, 1000)).toBe(false);
  });
});

describe("the process that plays the users", () => {
  test("explains waits if it was busy, late, or had no processor", () => {
    expect(explainDriver(IDLE, 100)).toBeUndefined();
    expect(explainDriver({ ...IDLE, busy: 0.9 }, 100)).toContain("90 % of the time");
    expect(explainDriver({ ...IDLE, delayMs: 60 }, 100)).toContain("use fewer --users");
    expect(explainDriver({ ...IDLE, served: 0.5 }, 100)).toContain("50 % of the time");
  });
});
