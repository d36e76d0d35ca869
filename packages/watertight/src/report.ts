import type { BaselineComparison } from "./baseline-comparison.ts";
import type { Finding, Verdict } from "./finding.ts";

/** What one check did, and whether it counts. */
export interface IsolationTestResult {
  /** `<category>.<number>`, for example `2.1`. */
  readonly id: string;
  readonly title: string;
  readonly verdict: Verdict;
  /** For passed: what was shown. For inconclusive: why nothing can be said, and what would help. */
  readonly reason: string;
  readonly durationMs: number;
  readonly users: number;
  /** Frames and bodies that were received and scanned. */
  readonly events: number;
  /** The positive control: how many answers had to carry the user's own canary, and how many did. */
  readonly control: { readonly expected: number; readonly received: number };
  readonly patterns: readonly string[];
  readonly findings: readonly Finding[];
}

/** One of the seven categories with the checks that were asked for. */
export interface CategoryResult {
  readonly id: number;
  readonly title: string;
  readonly verdict: Verdict;
  readonly checks: readonly IsolationTestResult[];
}

/** Whose canaries reached whom: `[from, to, frames]` by user number; only the diagonal may be lit. */
export interface RoutingMatrix {
  readonly users: number;
  readonly cells: readonly (readonly [from: number, to: number, frames: number])[];
}

/** The five metrics of a run; `null` where this run did not measure it. */
export interface Metrics {
  readonly isolation: { readonly isolatedUsers: number; readonly users: number } | null;
  readonly routing: { readonly correct: number; readonly total: number } | null;
  readonly memory: { readonly mbPerUser: number } | null;
  /** Median time of the same run, alone and with all users at once, in milliseconds. */
  readonly responseTime: { readonly soloMs: number; readonly loadedMs: number } | null;
  /** Lost, doubled, reordered or doubly executed operations. */
  readonly incidents: { readonly count: number; readonly operations: number } | null;
}

/** How long operations took, in milliseconds, from a High Dynamic Range histogram. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** What so many users at once got, each of whom thought for `thinkMs` between two operations. */
export interface LoadPoint {
  readonly users: number;
  readonly thinkMs: number;
  /** Operations that were completed per second of all users together. */
  readonly perSecond: number;
  readonly latency: Percentiles;
  /** Processor time of the target per operation, in microseconds; `null` where it can't be seen. */
  readonly cpuPerOperation: number | null;
  /** Share of one core that the target used, 0 to 1 and above with threads; `null` likewise. */
  readonly cpuShare: number | null;
}

/**
 * The Universal Scalability Law, X(N) = λN / (1 + σ(N−1) + κN(N−1)), fitted to throughput against
 * users. Source: N. J. Gunther, A General Theory of Computational Scalability (2008).
 */
export interface ScalabilityFit {
  /** λ: operations per second of a lone user. */
  readonly lambda: number;
  /** σ: the share of work that users must do one after another, 0 to 1. */
  readonly contention: number;
  /** κ: what each pair of users costs each other. */
  readonly coherency: number;
  /** Root of the mean squared relative error of the fit. */
  readonly residual: number;
  /** More users than this make the whole slower; `null` if there is no such number. */
  readonly peakUsers: number | null;
  /** The coefficients in words. */
  readonly words: string;
}

/** What one user who floods the target does to the others. */
export interface Fairness {
  /** The others, beside as many polite users as the flood has requests in flight. */
  readonly beside: Percentiles;
  /** The others, beside the flood of one user. */
  readonly flooded: Percentiles;
}

/** What category 6 measured of time. */
export interface Performance {
  /** A lone user in the same run: the yardstick. */
  readonly solo: Percentiles;
  readonly points: readonly LoadPoint[];
  readonly fit: ScalabilityFit | null;
  readonly fairness: Fairness | null;
}

/** A straight line through points, with a 95 % interval of its slope (Theil and Sen). */
export interface Trend {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  readonly intercept: number;
}

/** Memory of objects and buffers in use after forced collection. */
export interface MemoryPoint {
  readonly users: number;
  readonly bytes: number;
}

/** What categories 4 and 6 measured of memory. */
export interface Memory {
  /** Against the number of users who are connected. */
  readonly connected: readonly MemoryPoint[];
  /** Bytes per connected user. */
  readonly perUser: Trend | null;
  /** Against the number of users who have come and left. */
  readonly afterLeaving: readonly MemoryPoint[];
  /** Bytes per user who has left. */
  readonly perUserLeft: Trend | null;
}

/** Everything a run found out, as plain JSON data: reporters read this and nothing else. */
export interface Report {
  readonly version: 1;
  readonly tool: { readonly name: "watertight"; readonly version: string };
  readonly verdict: Verdict;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly target: {
    readonly kind: "components" | "command" | "url";
    readonly label: string;
    readonly command: string;
  };
  readonly users: number;
  readonly seed: number;
  /** The command that repeats this run. */
  readonly again: string;
  readonly environment: {
    readonly node: string;
    readonly platform: string;
    readonly cpus: number;
  };
  readonly categories: readonly CategoryResult[];
  /** What can be read where operators read: notes, which fail nothing. Missing if nobody looked. */
  readonly exposed?: readonly Finding[];
  readonly metrics: Metrics;
  /** `null` where category 6 was not made. */
  readonly performance: Performance | null;
  /** `null` where neither category 4 nor 6 was made. */
  readonly memory: Memory | null;
  readonly matrix: RoutingMatrix;
  /** What was not looked at, a sentence each. */
  readonly notCovered: readonly string[];
  /** The run beside its baseline, if it was given one. */
  readonly baseline?: BaselineComparison;
}
