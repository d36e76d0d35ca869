import type { Estimate, KnownFinding } from "../baseline-comparison.ts";

/** A finding that was looked at and accepted. */
export interface BaselineFinding extends KnownFinding {
  readonly kind: string;
  /** File and variable of the first place that held it; lines move, so there is none. */
  readonly place?: string;
}

/** A number as one run measured it, and what the run was made on. */
export interface BaselineRun extends Estimate {
  readonly node: string;
  readonly platform: string;
}

/** What the last runs measured under one name, the newest last. */
export interface BaselineNumber {
  readonly name: string;
  readonly unit: "×" | "B";
  readonly runs: readonly BaselineRun[];
}

/** The content of a baseline file. Keys that it does not know survive an update. */
export interface Baseline {
  readonly version: 1;
  readonly findings: readonly BaselineFinding[];
  readonly numbers: readonly BaselineNumber[];
}

/** What a baseline begins as. */
export const EMPTY_BASELINE: Baseline = Object.freeze<Baseline>({
  version: 1,
  findings: Object.freeze<BaselineFinding[]>([]),
  numbers: Object.freeze<BaselineNumber[]>([]),
});

/** The text of a baseline file: indented, so that people can write reasons and see changes. */
export function renderBaseline(baseline: Baseline): string {
  return `${JSON.stringify(baseline, null, 2)}\n`;
}
