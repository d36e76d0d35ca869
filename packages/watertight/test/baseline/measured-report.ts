import { createRandom } from "../../src/internal/random.ts";
import type { Memory, Percentiles, Performance, Report, Trend } from "../../src/report.ts";
import { passedReport } from "../reporters/sample-report.ts";

/** What a target of this test does to a time that a user would have had alone. */
export interface Load {
  readonly seed: number;
  readonly users?: number;
  readonly operationsPerUser?: number;
  /** How often everything takes longer on this machine. */
  readonly machine?: number;
  /** How often everything takes longer with all users at once. */
  readonly factor?: number;
}

/** A report of times that were drawn, skewed as times are: log-normal with a deviation of 0.35. */
export function timedReport(load: Load): Report {
  const { seed, users = 50, operationsPerUser = 40, machine = 1, factor = 1.3 } = load;
  const draw = drawer(seed);
  const solo = percentilesOf(Array.from({ length: 200 }, () => draw() * 5 * machine));
  const times = Array.from({ length: operationsPerUser }, () => {
    // What one slow moment does, it does to all users.
    const moment = draw() ** 0.4;
    return Array.from({ length: users }, () => moment * draw() * 5 * machine * factor);
  });
  const latency = percentilesOf(times.flat());
  const point = { users, thinkMs: 250, perSecond: 200, latency, cpuPerOperation: 1, cpuShare: 1 };
  const performance: Performance = { solo, points: [point], fit: null, fairness: null };
  return passedReport({ performance, memory: null });
}

/** A report with these bytes per connected user and per user who left. */
export function sizedReport(perUser: Trend | null, perUserLeft: Trend | null): Report {
  const memory: Memory = { connected: [], perUser, afterLeaving: [], perUserLeft };
  return passedReport({ performance: null, memory });
}

export function trend(slope: number, spread: number): Trend {
  return { slope, low: slope - spread, high: slope + spread, intercept: 0 };
}

function drawer(seed: number): () => number {
  const random = createRandom(seed);
  return () => {
    const length = Math.sqrt(-2 * Math.log(1 - random.next()));
    return Math.exp(0.35 * length * Math.cos(2 * Math.PI * random.next()));
  };
}

function percentilesOf(times: readonly number[]): Percentiles {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}
