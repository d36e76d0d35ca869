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

/** Everything a run found out, as plain JSON data: reporters read this and nothing else. */
export interface Report {
  readonly version: 1;
  readonly tool: { readonly name: "watertight"; readonly version: string };
  readonly verdict: Verdict;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly target: {
    readonly kind: "components" | "command";
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
  readonly metrics: Metrics;
  readonly matrix: RoutingMatrix;
  /** What was not looked at, a sentence each. */
  readonly notCovered: readonly string[];
}
