import type { Trend } from "../../report.ts";

/** A measurement: where it was taken, and what was found. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Both sides of a normal distribution outside of which 5 % lie. */
const Z_95 = 1.96;
/** Of fewer points no order is rarer than one in twenty, so that no interval holds 95 %. */
const MIN_POINTS = 5;

/**
 * Draws a straight line through points that outliers can't turn: its slope is the median of the slopes
 * of all pairs, its interval of 95 % comes from the distribution of Kendall's S, ties in `x` included.
 * `undefined` with fewer than five points, or where all `x` are equal. Source: P. K. Sen, Estimates of
 * the Regression Coefficient Based on Kendall's Tau, JASA 63 (1968).
 */
export function theilSen(points: readonly Point[]): Trend | undefined {
  const slopes = slopesOf(points);
  if (points.length < MIN_POINTS || slopes.length === 0) return undefined;
  const slope = medianOf(slopes);
  const spread = Z_95 * Math.sqrt(varianceOfS(points));
  const last = slopes.length - 1;
  const low = slopes[Math.max(0, Math.floor((slopes.length - spread) / 2) - 1)] ?? slope;
  const high = slopes[Math.min(last, Math.ceil((slopes.length + spread) / 2))] ?? slope;
  const rests = points.map(({ x, y }) => y - slope * x).sort(ascending);
  return { slope, low, high, intercept: medianOf(rests) };
}

/** The slopes of all pairs that have one, in order. */
function slopesOf(points: readonly Point[]): Float64Array {
  const slopes: number[] = [];
  for (const [place, { x, y }] of points.entries()) {
    for (const other of points.slice(place + 1)) {
      if (other.x !== x) slopes.push((other.y - y) / (other.x - x));
    }
  }
  return Float64Array.from(slopes).sort();
}

function varianceOfS(points: readonly Point[]): number {
  const share = (count: number): number => (count * (count - 1) * (2 * count + 5)) / 18;
  const ties = new Map<number, number>();
  for (const { x } of points) ties.set(x, (ties.get(x) ?? 0) + 1);
  let variance = share(points.length);
  for (const count of ties.values()) variance -= share(count);
  return variance;
}

function medianOf(sorted: ArrayLike<number>): number {
  const upper = sorted[sorted.length >> 1] ?? 0;
  const lower = sorted[(sorted.length - 1) >> 1] ?? 0;
  return (lower + upper) / 2;
}

function ascending(a: number, b: number): number {
  return a - b;
}
