import type { LoadPoint, Percentiles, Performance } from "../../../report.ts";
import { type Content, markup, type Markup } from "../markup.ts";
import { significant } from "../quantity.ts";
import { count, milliseconds, plural } from "../text.ts";
import { type ChartFigure, type Key, renderFigure } from "./chart-figure.ts";
import {
  areaOf,
  dotAt,
  drawChart,
  type EndLabel,
  lineOf,
  type Plane,
  type Point,
} from "./plane.ts";
import { createRuler } from "./ruler.ts";

type Percentile = "p50" | "p90" | "p99";

const MS_PER_S = 1000;
/** From here on, the ruler counts seconds. */
const SECONDS_FROM_MS = 10_000;

const KEYS: readonly Key[] = Object.freeze<Key[]>([
  { tone: "dot", text: "median (p50) of all users’ operations" },
  { tone: "band", text: "from p50 to p90" },
  { tone: "far-band", text: "from p90 to p99" },
  { tone: "yardstick", text: "median of a lone user in the same run" },
]);

/** Response time against users; `points` in the order of users, at least one. */
export function renderResponseTime({ solo, points }: Performance): Markup {
  const words = wordsOf(solo, points);
  const title = "Response time against users";
  return renderFigure({
    title,
    words,
    chart: draw(solo, points, { title, words }),
    keys: KEYS,
    numbers: numbersOf(solo, points),
  });
}

function draw(
  solo: Percentiles,
  points: readonly LoadPoint[],
  picture: { readonly title: string; readonly words: string },
): Markup {
  const most = Math.max(solo.p50, ...points.map(({ latency }) => latency.p99));
  const perUnit = most >= SECONDS_FROM_MS ? MS_PER_S : 1;
  const line = (percentile: Percentile): Point[] =>
    points.map(({ users, latency }) => ({ x: users, y: latency[percentile] / perUnit }));
  const plane: Plane = {
    across: usersRuler(points),
    up: createRuler(0, most / perUnit, { wanted: 5 }),
    acrossTitle: "users at once",
    upTitle: perUnit === 1 ? "milliseconds" : "seconds",
    labels: labelsOf(solo, points.at(-1), perUnit),
  };
  const alone = solo.p50 / perUnit;
  const ends = [0, plane.across.high].map((x) => ({ x, y: alone }));
  const marks: Content = markup`<path class="far-band" d="${areaOf(plane, line("p99"), line("p90"))}"/>
<path class="band" d="${areaOf(plane, line("p90"), line("p50"))}"/>
<path class="yardstick" d="${lineOf(plane, ends)}"/>
<path class="line" d="${lineOf(plane, line("p50"))}"/>
${points.map((point) => dotAt(plane, { x: point.users, y: point.latency.p50 / perUnit }, tooltip(point)))}`;
  return drawChart(plane, { id: "response-time", ...picture }, marks);
}

/** From nobody to the most users that were tried. */
export function usersRuler(points: readonly { readonly users: number }[]): Plane["across"] {
  const most = Math.max(1, ...points.map(({ users }) => users));
  return createRuler(0, most, { wanted: 6, minStep: 1, isTight: true });
}

function labelsOf(
  solo: Percentiles,
  last: LoadPoint | undefined,
  perUnit: number,
): readonly EndLabel[] {
  const ends = (["p99", "p90", "p50"] as const).flatMap((percentile): EndLabel[] => {
    if (last === undefined) return [];
    const ms = last.latency[percentile];
    return [
      { y: ms / perUnit, text: `${percentile} ${significant(ms / perUnit)}`, tone: percentile },
    ];
  });
  return [
    ...ends,
    { y: solo.p50 / perUnit, text: `alone ${significant(solo.p50 / perUnit)}`, tone: "alone" },
  ];
}

function wordsOf(solo: Percentiles, points: readonly LoadPoint[]): string {
  const last = points.at(-1);
  if (last === undefined) return "";
  const { users, latency } = last;
  const ratio = latency.p50 / solo.p50;
  return `With ${plural(users, "user")} at once, half of all operations took at most ${milliseconds(latency.p50)}, and 99 % at most ${milliseconds(latency.p99)}. A lone user’s median was ${milliseconds(solo.p50)}${Number.isFinite(ratio) ? `, so this is ${times(ratio)}` : ""}.`;
}

/** `×1.2`, `×37`. */
export function times(ratio: number): string {
  return `×${ratio < 10 ? ratio.toFixed(1) : count(Math.round(ratio))}`;
}

function tooltip({ users, latency }: LoadPoint): string {
  const { p50, p90, p99 } = latency;
  return `${plural(users, "user")}: p50 ${milliseconds(p50)}, p90 ${milliseconds(p90)}, p99 ${milliseconds(p99)}`;
}

function numbersOf(solo: Percentiles, points: readonly LoadPoint[]): ChartFigure["numbers"] {
  const loaded = points.map(({ users, latency }) => percentileRow(count(users), latency));
  return {
    caption: "Response time in milliseconds",
    columns: ["Users", ...PERCENTILE_COLUMNS],
    rows: [percentileRow("1, alone", solo), ...loaded],
  };
}

export const PERCENTILE_COLUMNS: readonly string[] = Object.freeze([
  "p50",
  "p90",
  "p99",
  "max",
  "operations",
]);

/** A row of a table of percentiles in milliseconds; the table says so. */
export function percentileRow(name: string, percentiles: Percentiles): readonly string[] {
  const { p50, p90, p99, max } = percentiles;
  const cells = [p50, p90, p99, max].map((ms) => milliseconds(ms).replace(" ms", ""));
  return [name, ...cells, count(percentiles.count)];
}
