import type { ScalabilityFit } from "../../report.ts";

/** How much so many users got done. */
export interface ThroughputPoint {
  readonly users: number;
  /** Operations of all users together. */
  readonly perSecond: number;
}

/** `N / X(N) = seconds · (1 + contention (N−1) + coherency N (N−1))`: time of a user's operation. */
interface Law {
  readonly seconds: number;
  readonly contention: number;
  readonly coherency: number;
}

const MIN_POINTS = 3;
/** A coefficient that changes no measured point by more than this share is none. */
const NEGLIGIBLE = 0.01;

/**
 * Fits the Universal Scalability Law to throughput against users: of all laws with λ > 0, 0 ≤ σ ≤ 1 and
 * κ ≥ 0 the one with the least relative squared error, so that few users count as much as many. A σ or κ
 * that explains no more than noise would is 0.
 * `undefined` with fewer than three different numbers of users, or where nothing was done. Source:
 * N. J. Gunther, A General Theory of Computational Scalability (2008).
 */
export function fitScalability(points: readonly ThroughputPoint[]): ScalabilityFit | undefined {
  const counts = new Set(points.map(({ users }) => users));
  const isUseful = points.every(({ users, perSecond }) => users >= 1 && perSecond > 0);
  if (counts.size < MIN_POINTS || !isUseful) return undefined;
  const best = candidates(points).reduce((a, b) => (b.penalty < a.penalty ? b : a));
  const most = Math.max(...counts);
  const { seconds, contention, coherency } = withoutTraces(best, most);
  return {
    lambda: 1 / seconds,
    contention,
    coherency,
    residual: best.residual,
    peakUsers: coherency > 0 ? Math.round(Math.sqrt((1 - contention) / coherency)) : null,
    words: describe(contention, coherency, most),
  };
}

type Term = (users: number) => number;

const ONE: Term = () => 1;
const OWN: Term = (users) => users;
const OTHERS: Term = (users) => users - 1;
const PAIRS: Term = (users) => users * (users - 1);

/** The law is linear in a, b and c of `a + b (N−1) + c N (N−1)`; what each choice of terms makes of them. */
const CHOICES: readonly {
  readonly terms: readonly Term[];
  readonly toLaw: (solution: readonly number[]) => readonly [a: number, b: number, c: number];
}[] = Object.freeze([
  { terms: [ONE], toLaw: ([a = 0]) => [a, 0, 0] },
  { terms: [ONE, PAIRS], toLaw: ([a = 0, c = 0]) => [a, 0, c] },
  { terms: [ONE, OTHERS], toLaw: ([a = 0, b = 0]) => [a, b, 0] },
  { terms: [ONE, OTHERS, PAIRS], toLaw: ([a = 0, b = 0, c = 0]) => [a, b, c] },
  { terms: [OWN], toLaw: ([a = 0]) => [a, a, 0] },
  { terms: [OWN, PAIRS], toLaw: ([a = 0, c = 0]) => [a, a, c] },
] satisfies typeof CHOICES);

interface Candidate extends Law {
  readonly residual: number;
  /** What counts: an error that takes more terms to get as small is no smaller. */
  readonly penalty: number;
}

/**
 * The best law within the bounds is the best with some of them met exactly: each choice is solved
 * without bounds, and what breaks one is thrown away. A lone constant breaks none.
 */
function candidates(points: readonly ThroughputPoint[]): readonly Candidate[] {
  return CHOICES.flatMap(({ terms, toLaw }) => {
    const solution = solve(points, terms);
    const spare = points.length - terms.length;
    if (solution === undefined || spare <= 0) return [];
    const [seconds, b, c] = toLaw(solution);
    const law = { seconds, contention: b / seconds, coherency: c / seconds };
    if (seconds <= 0 || b < 0 || b > seconds || c < 0) return [];
    const residual = residualOf(law, points);
    return [{ ...law, residual, penalty: (residual * residual) / spare }];
  });
}

/** Weighted least squares by the normal equations; each point weighs what makes its error relative. */
function solve(
  points: readonly ThroughputPoint[],
  terms: readonly Term[],
): readonly number[] | undefined {
  const rows = points.map(({ users, perSecond }) => {
    const scale = perSecond / users;
    return terms.map((term) => term(users) * scale);
  });
  const matrix = terms.map((_, row) => [
    ...terms.map((__, column) => dot(rows, row, column)),
    rows.reduce((total, values) => total + (values[row] ?? 0), 0),
  ]);
  return eliminate(matrix);
}

function dot(rows: readonly (readonly number[])[], left: number, right: number): number {
  return rows.reduce((total, row) => total + (row[left] ?? 0) * (row[right] ?? 0), 0);
}

/** Gauss's elimination with pivots; `undefined` where the equations say too little. */
function eliminate(matrix: readonly number[][]): readonly number[] | undefined {
  const rows = matrix.map((row) => [...row]);
  const scale = Math.max(...rows.flat().map(Math.abs));
  for (let place = 0; place < rows.length; place += 1) {
    const rest = rows.slice(place);
    const pivot = rest.reduce((a, b) =>
      Math.abs(b[place] ?? 0) > Math.abs(a[place] ?? 0) ? b : a,
    );
    const lead = pivot[place] ?? 0;
    if (Math.abs(lead) <= scale * Number.EPSILON) return undefined;
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(
      place,
      0,
      pivot.map((value) => value / lead),
    );
    const base = rows[place] ?? [];
    for (const row of rows.filter((other) => other !== base)) {
      const factor = row[place] ?? 0;
      for (const [column, value] of base.entries())
        row[column] = (row[column] ?? 0) - factor * value;
    }
  }
  return rows.map((row) => row.at(-1) ?? 0);
}

function throughput({ seconds, contention, coherency }: Law, users: number): number {
  return users / (seconds * (1 + contention * (users - 1) + coherency * users * (users - 1)));
}

function residualOf(law: Law, points: readonly ThroughputPoint[]): number {
  const errors = points.map(
    ({ users, perSecond }) => (throughput(law, users) - perSecond) / perSecond,
  );
  return Math.sqrt(errors.reduce((total, error) => total + error * error, 0) / errors.length);
}

/** What noise leaves behind would otherwise be reported as a peak at a hundred thousand users. */
function withoutTraces(law: Law, most: number): Law {
  const { contention, coherency } = law;
  return {
    ...law,
    contention: contention * most < NEGLIGIBLE ? 0 : contention,
    coherency: coherency * most * most < NEGLIGIBLE ? 0 : coherency,
  };
}

function describe(contention: number, coherency: number, most: number): string {
  const queue = `${percent(contention)} of the work is done by one user after another`;
  const wait = contention < 0.01 ? "users hardly wait for each other" : "users wait for each other";
  if (coherency === 0) return `${wait}: ${queue}`;
  const peak = Math.round(Math.sqrt((1 - contention) / coherency));
  const beyond = peak > most ? `, a peak beyond the ${most} that were tried` : "";
  return `${wait}: ${queue}; each pair of users costs ${percent(coherency)} of an operation, so that more than ${peak} users would get less done together${beyond}`;
}

function percent(share: number): string {
  const value = share * 100;
  if (value === 0) return "0 %";
  return value < 0.001 ? "less than 0.001 %" : `${Number(value.toPrecision(2))} %`;
}
