import type { Estimate } from "../baseline-comparison.ts";
import type { Percentiles, Performance, Report, Trend } from "../report.ts";

/** A number that can be compared from run to run. */
export interface MeasuredNumber extends Estimate {
  readonly name: string;
  readonly unit: "×" | "B";
  /** A smaller difference says nothing, however sure it is; in `unit`. */
  readonly least: number;
  /** Whether it holds only among runs on the same platform and major version of Node. */
  readonly isOfThisNode: boolean;
}

/** Two-sided, of the normal distribution. */
const Z_95 = 1.96;
const LEAST_MS = 1;
const LEAST_BYTES_CONNECTED = 1024;
const LEAST_BYTES_LEFT = 256;

/**
 * What a run measured of time and memory, as numbers that a later run on another machine can be
 * held against. Times are ratios to a lone user of the same run, because machines differ.
 */
export function numbersOf({ performance, memory }: Report): readonly MeasuredNumber[] {
  return [
    ...(performance === null ? [] : timesOf(performance)),
    ...bytesOf("memory per connected user", memory?.perUser, LEAST_BYTES_CONNECTED),
    ...bytesOf("memory per user who left", memory?.perUserLeft, LEAST_BYTES_LEFT),
  ];
}

function timesOf({ solo, points }: Performance): readonly MeasuredNumber[] {
  const busiest = points.toSorted((a, b) => b.users - a.users)[0];
  if (busiest === undefined || busiest.users < 2 || solo.p50 <= 0) return [];
  const { users, latency } = busiest;
  const load = `${users} users, against a lone user`;
  const alone = { percentiles: solo, observations: solo.count };
  // Users answer at the same time: what one slow moment did to all of them is one observation.
  const together = { percentiles: latency, observations: latency.count / users };
  return (["p50", "p90"] as const).map((rank) => ({
    name: `${RANKS[rank].name} of the response time of ${load}`,
    unit: "×",
    ...ratio(quantile(rank, together), quantile(rank, alone)),
    least: LEAST_MS / solo[rank],
    isOfThisNode: false,
  }));
}

function bytesOf(name: string, trend: Trend | null | undefined, least: number): MeasuredNumber[] {
  if (trend === null || trend === undefined) return [];
  const { slope, low, high } = trend;
  return [{ name, unit: "B", value: slope, low, high, least, isOfThisNode: true }];
}

interface Observed {
  readonly percentiles: Percentiles;
  readonly observations: number;
}

/** A percentile and the standard error of its logarithm. */
interface Quantile {
  readonly value: number;
  readonly error: number;
}

/**
 * Of a percentile: its share, where it lies in a standard normal distribution and how dense that is
 * there, and the percentile above it.
 */
const RANKS = Object.freeze({
  p50: Object.freeze({ name: "median", share: 0.5, z: 0, density: 0.3989, next: "p90" } as const),
  p90: Object.freeze({
    name: "90th percentile",
    share: 0.9,
    z: 1.2816,
    density: 0.1755,
    next: "p99",
  } as const),
});
const NEXT_Z = Object.freeze({ p90: 1.2816, p99: 2.3263 } as const);

/**
 * The standard error of a sample quantile is √(q(1−q)/n) / f, f being the density there. Logarithms
 * of times are taken as normal between this percentile and the next, which gives their deviation.
 * Source: H. A. David, H. N. Nagaraja, Order Statistics (2003), section 10.2.
 */
function quantile(rank: "p50" | "p90", { percentiles, observations }: Observed): Quantile {
  const { share, z, density, next } = RANKS[rank];
  const value = percentiles[rank];
  const deviation = Math.log(percentiles[next] / value) / (NEXT_Z[next] - z);
  const error =
    (Math.sqrt((share * (1 - share)) / Math.max(observations, 1)) / density) * deviation;
  return { value, error };
}

/** A ratio of two independent quantiles, with its 95 % interval on the logarithmic scale. */
function ratio(above: Quantile, below: Quantile): Estimate {
  const value = above.value / below.value;
  const factor = Math.exp(Z_95 * Math.hypot(above.error, below.error));
  return { value, low: value / factor, high: value * factor };
}
