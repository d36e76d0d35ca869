import type { LoadPoint, Performance, ScalabilityFit } from "../../../report.ts";
import { type Content, markup, type Markup } from "../markup.ts";
import { share, significant } from "../quantity.ts";
import { count, milliseconds, plural } from "../text.ts";
import { type ChartFigure, type Key, renderFigure } from "./chart-figure.ts";
import { dotAt, drawChart, lineOf, type Plane, type Point, wordsAt } from "./plane.ts";
import { usersRuler } from "./response-time.ts";
import { createRuler } from "./ruler.ts";

/** Enough pieces for a curve that looks like one. */
const PIECES = 80;

/** Operations per second against users, with the fitted law and how far off it is. */
export function renderThroughput({ points, fit }: Performance): Markup {
  const title = "Throughput against users";
  const words = wordsOf(points, fit);
  return renderFigure({
    title,
    words,
    chart: draw(points, fit, { title, words }),
    keys: keysOf(points, fit),
    numbers: numbersOf(points, fit),
  });
}

/**
 * The Universal Scalability Law: operations per second of so many users.
 * Source: N. J. Gunther, A General Theory of Computational Scalability (2008).
 */
export function scaled({ lambda, contention, coherency }: ScalabilityFit, users: number): number {
  return (lambda * users) / (1 + contention * (users - 1) + coherency * users * (users - 1));
}

function draw(
  points: readonly LoadPoint[],
  fit: ScalabilityFit | null,
  picture: { readonly title: string; readonly words: string },
): Markup {
  const across = usersRuler(points);
  const curve = fit === null ? [] : curveOf(fit, across.high);
  const most = Math.max(...points.map(({ perSecond }) => perSecond), ...curve.map(({ y }) => y));
  const plane: Plane = {
    across,
    up: createRuler(0, most, { wanted: 5 }),
    acrossTitle: "users at once",
    upTitle: "operations per second, all users together",
    labels: [],
  };
  const marks: Content = markup`${
    fit !== null &&
    markup`<path class="ideal" d="${lineOf(plane, idealOf(fit, plane))}"/>
<path class="curve" d="${lineOf(plane, curve)}"/>
<path class="residual" d="${residualsOf(plane, points, fit)}"/>
${drawPeak(plane, fit)}
`
  }${points.map((point) => dotAt(plane, { x: point.users, y: point.perSecond }, tooltip(point)))}`;
  return drawChart(plane, { id: "throughput", ...picture }, marks);
}

function curveOf(fit: ScalabilityFit, most: number): Point[] {
  return Array.from({ length: PIECES + 1 }, (_, piece) => {
    // Closer together at the beginning, where the curve bends most.
    const x = (piece / PIECES) ** 2 * most;
    return { x, y: scaled(fit, x) };
  });
}

/** What as many users would do who never met, as far as there is room for it. */
function idealOf({ lambda }: ScalabilityFit, { across, up }: Plane): Point[] {
  const x = Math.min(across.high, lambda > 0 ? up.high / lambda : across.high);
  return [
    { x: 0, y: 0 },
    { x, y: lambda * x },
  ];
}

/** Where more users begin to make the whole slower, if that is on the picture. */
function drawPeak(plane: Plane, fit: ScalabilityFit): Content {
  const x = fit.peakUsers;
  if (x === null || x < 1 || x > plane.across.high) return undefined;
  const way = lineOf(plane, [
    { x, y: 0 },
    { x, y: scaled(fit, x) },
  ]);
  return [
    markup`<path class="peak" d="${way}"/>`,
    wordsAt(plane, { x, y: 0 }, `peak at ${plural(Math.round(x), "user")}`),
  ];
}

function residualsOf(plane: Plane, points: readonly LoadPoint[], fit: ScalabilityFit): string {
  const sticks = points.map(({ users, perSecond }) =>
    lineOf(plane, [
      { x: users, y: perSecond },
      { x: users, y: scaled(fit, users) },
    ]),
  );
  return sticks.join("");
}

function wordsOf(points: readonly LoadPoint[], fit: ScalabilityFit | null): string {
  const last = points.at(-1);
  if (last === undefined) return "";
  const most = `${plural(last.users, "user")} at once got ${significant(last.perSecond)} operations per second`;
  if (fit === null) return `${most}. No curve was fitted to these points.`;
  const off = `the fitted curve misses the points by ${share(fit.residual)} (root mean square)`;
  const alike = last.users * fit.lambda;
  return `${most}; had nobody waited for another, it would be ${significant(alike)}. ${off.charAt(0).toUpperCase()}${off.slice(1)}.`;
}

function tooltip({ users, perSecond }: LoadPoint): string {
  return `${plural(users, "user")}: ${significant(perSecond)} operations per second`;
}

function keysOf(points: readonly LoadPoint[], fit: ScalabilityFit | null): readonly Key[] {
  const measured: Key = { tone: "dot", text: `measured; users ${pauseOf(points)}` };
  if (fit === null) return [measured];
  return [
    measured,
    { tone: "curve", text: "fitted: the Universal Scalability Law" },
    { tone: "ideal", text: "if nobody waited for another" },
  ];
}

function pauseOf(points: readonly LoadPoint[]): string {
  const pauses = [...new Set(points.map(({ thinkMs }) => thinkMs))].filter((ms) => ms > 0);
  if (pauses.length === 0) return "ask again at once";
  return `think ${pauses.map(milliseconds).join(" or ")} between two operations`;
}

function numbersOf(
  points: readonly LoadPoint[],
  fit: ScalabilityFit | null,
): ChartFigure["numbers"] {
  const rows = points.map((point) => {
    const { users, perSecond, cpuPerOperation, cpuShare } = point;
    const fitted = fit === null ? undefined : scaled(fit, users);
    return [
      count(users),
      significant(perSecond),
      fitted === undefined ? "–" : significant(fitted),
      fitted === undefined ? "–" : offBy(perSecond, fitted),
      cpuPerOperation === null ? "–" : significant(cpuPerOperation),
      cpuShare === null ? "–" : share(cpuShare),
    ];
  });
  return {
    caption: "Operations per second, and processor time of the target",
    columns: ["Users", "per second", "fitted", "off by", "µs per operation", "of one core"],
    rows,
  };
}

function offBy(measured: number, fitted: number): string {
  if (fitted === 0) return "–";
  const off = measured / fitted - 1;
  return off === 0 ? "0 %" : `${off < 0 ? "−" : "+"}${share(Math.abs(off))}`;
}
