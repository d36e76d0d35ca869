import { build, type Histogram } from "hdr-histogram-js";
import type { Percentiles } from "../../report.ts";

const MICROSECONDS = 1000;

/**
 * Keeps how long operations took, in a High Dynamic Range histogram: microseconds, three digits, any
 * length. An operation counts from the moment at which its user meant to ask, and one that never ended
 * counts with the time that it was waited for; leaving out either would hide the very waits that
 * matter. Source: G. Tene, How NOT to Measure Latency (2013), on coordinated omission.
 */
export class LatencyRecorder {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    numberOfSignificantValueDigits: 3,
    autoResize: true,
    useWebAssembly: false,
  });

  /** Adds an operation; `ms` below 0 counts as 0. */
  record(ms: number): void {
    this.#histogram.recordValue(Math.max(0, Math.round(ms * MICROSECONDS)));
  }

  /** The mean, in milliseconds; 0 of none. */
  get meanMs(): number {
    return this.#histogram.totalCount === 0 ? 0 : this.#histogram.mean / MICROSECONDS;
  }

  percentiles(): Percentiles {
    const { totalCount: count, maxValue } = this.#histogram;
    const at = (percentile: number): number =>
      count === 0 ? 0 : this.#histogram.getValueAtPercentile(percentile) / MICROSECONDS;
    const max = count === 0 ? 0 : maxValue / MICROSECONDS;
    return { count, p50: at(50), p90: at(90), p99: at(99), max };
  }
}
