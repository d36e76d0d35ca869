import type { Verdict } from "./finding.ts";

/** What a check counts for under a baseline: `known` failed, with findings that the baseline has. */
export type Standing = Verdict | "known";

/** A number of a run: what was measured, with the bounds of its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A number of this run beside the same number of the runs that the baseline remembers. */
export interface ComparedNumber {
  readonly name: string;
  readonly unit: "×" | "B";
  readonly now: Estimate;
  /** Median of the earlier runs' values, and the hull of their intervals. */
  readonly before: Estimate;
  readonly runs: number;
  readonly outcome: "worse" | "as before" | "better";
}

/** An entry of the baseline. */
export interface KnownFinding {
  readonly id: string;
  readonly check: string;
  readonly title: string;
  /** Why it is accepted, in a person's words; empty if nobody wrote it yet. */
  readonly reason: string;
}

/** A run beside its baseline, as plain data. */
export interface BaselineComparison {
  /** The file, as it was named on the command line. */
  readonly file: string;
  /** Whether stale entries fail the run. */
  readonly strict: boolean;
  /** What the run counts for; the verdict of the report stays what was seen. */
  readonly verdict: Verdict;
  /** By the id of the check. */
  readonly checks: Readonly<Record<string, Standing>>;
  /** By the id of a finding of this run: the entry that knows it. */
  readonly known: Readonly<Record<string, KnownFinding>>;
  /** Entries whose check was made, and which were not seen. */
  readonly stale: readonly KnownFinding[];
  readonly numbers: readonly ComparedNumber[];
  /** What could not be compared and why, a sentence each. */
  readonly notCompared: readonly string[];
}
