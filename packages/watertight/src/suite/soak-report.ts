import type { Verdict } from "../finding.ts";
import type { Percentiles, Report, Trend } from "../report.ts";

/** What one window of a soak came to. */
export interface SoakWindow {
  /** From 1 on. */
  readonly number: number;
  readonly seed: number;
  readonly verdict: Verdict;
  /** Milliseconds since the soak began. */
  readonly endedAtMs: number;
  /** Frames and bodies that were received and scanned. */
  readonly events: number;
  readonly findings: number;
  /** How long operations took; its `count` is how many were timed. */
  readonly latency: Percentiles;
  /** Objects and buffers of the target in use after forced collection; `null` where it can't be seen. */
  readonly memoryBytes: number | null;
  /** What kept the target's event loop alive: how many of each, as Node calls them. */
  readonly resources: Readonly<Record<string, number>>;
  /** Resident memory of the suite's own process. */
  readonly suiteBytes: number;
}

/** How a soak came to its end. */
export type SoakEnding = "time" | "interrupted" | "crash";

/** The windows of a soak, and what only all of them together show. */
export interface SoakSummary {
  readonly forMs: number;
  readonly windowMs: number;
  /** How many windows were played to their end. */
  readonly played: number;
  /** At most 120 of them, at even distances, and the last. */
  readonly windows: readonly SoakWindow[];
  /** Of all windows together. */
  readonly latency: Percentiles;
  /** Bytes of the target's memory an hour, after the warm-up; `null` with fewer than five points. */
  readonly perHour: Trend | null;
  /** `null` while it goes on. */
  readonly ending: SoakEnding | null;
}

/** A report like that of a check, of categories 7 and 4, and what the windows were. */
export interface SoakReport extends Report {
  readonly soak: SoakSummary;
}

/** What a soak found out; the rest of its report is told by whoever started it. */
export type SoakResult = Pick<
  SoakReport,
  "verdict" | "categories" | "metrics" | "performance" | "memory" | "matrix" | "soak"
>;

/** The windows that a report tells of; `undefined` if it is not that of a soak. */
export function soakOf(report: Report): SoakSummary | undefined {
  return "soak" in report ? (report as SoakReport).soak : undefined;
}
