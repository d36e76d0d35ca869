import type { MemoryPoint, Trend } from "../../../report.ts";
import { type Content, markup, type Markup } from "../markup.ts";
import { byteRange, bytes, byteUnit, signedBytes } from "../quantity.ts";
import { count, plural } from "../text.ts";
import { type Key, renderFigure } from "./chart-figure.ts";
import { areaOf, dotAt, drawChart, lineOf, type Plane, type Point } from "./plane.ts";
import { usersRuler } from "./response-time.ts";
import { createRuler } from "./ruler.ts";

/** The ruler of growth is never finer than this a user: noise of a few bytes is not drawn as a cliff. */
const LEAST_BYTES_PER_USER = 1024;

interface Kind {
  readonly id: string;
  readonly title: string;
  readonly acrossTitle: string;
  readonly upTitle: string;
  /** `user who left` */
  readonly each: string;
  readonly caption: string;
  readonly words: string;
  /** What is drawn as zero, in bytes. */
  readonly ground: number;
  /** What the ruler reaches at least, in bytes above its zero. */
  readonly least: number;
  readonly numberOf: (value: number) => string;
}

/** Memory in use against users who are connected, from a true zero. */
export function renderConnected(points: readonly MemoryPoint[], trend: Trend | null): Markup {
  const first = points.at(0);
  const last = points.at(-1);
  return render(points, trend, {
    id: "memory-connected",
    title: "Memory against users who are connected",
    acrossTitle: "users connected",
    upTitle: "in use after forced collection",
    each: "connected user",
    caption: "Memory in use, by users connected",
    words:
      first === undefined || last === undefined
        ? ""
        : `${bytes(first.bytes)} with ${plural(first.users, "user")}, ${bytes(last.bytes)} with ${count(last.users)}. ${lineWords(trend, "connected user")}`,
    ground: 0,
    least: 0,
    numberOf: bytes,
  });
}

/** Memory that stays against users who have left, counted from where the line begins. */
export function renderAfterLeaving(points: readonly MemoryPoint[], trend: Trend | null): Markup {
  const ground = trend?.intercept ?? points.at(0)?.bytes ?? 0;
  const most = Math.max(1, ...points.map(({ users }) => users));
  return render(points, trend, {
    id: "memory-left",
    title: "Memory after users have left",
    acrossTitle: "users who came and left",
    upTitle: `more than ${bytes(ground)}, after forced collection`,
    each: "user who left",
    caption: "Memory still in use, by users who came and left",
    words: lineWords(trend, "user who left"),
    ground,
    least: LEAST_BYTES_PER_USER * most,
    numberOf: signedBytes,
  });
}

function lineWords(trend: Trend | null, each: string): string {
  if (trend === null) return "No line was fitted to these points.";
  const { slope, low, high } = trend;
  const moves = slope < 0 ? "falls" : "rises";
  const line = `The line ${moves} by ${bytes(Math.abs(slope))} for each ${each} (95 % interval ${byteRange(low, high)})`;
  return low <= 0 && high >= 0 ? `${line}: growth can’t be told from none.` : `${line}.`;
}

function render(points: readonly MemoryPoint[], trend: Trend | null, kind: Kind): Markup {
  return renderFigure({
    title: kind.title,
    words: kind.words,
    chart: draw(points, trend, kind),
    keys: keysOf(trend, kind),
    numbers: {
      caption: kind.caption,
      columns: ["Users", "in use", ...(trend === null ? [] : ["on the line"])],
      rows: points.map(({ users, bytes: used }) => [
        count(users),
        bytes(used),
        ...(trend === null ? [] : [bytes(trend.intercept + trend.slope * users)]),
      ]),
    },
  });
}

function draw(points: readonly MemoryPoint[], trend: Trend | null, kind: Kind): Markup {
  const across = usersRuler(points);
  const measured = points.map(({ users, bytes: used }) => ({ x: users, y: used - kind.ground }));
  const fan = trend === null ? undefined : fanOf(trend, points, across.high);
  const lines = fan === undefined ? [] : [fan.line, fan.low, fan.high];
  const drawn = lines.map((line) => line.map(({ x, y }) => ({ x, y: y - kind.ground })));
  const heights = [...measured, ...drawn.flat()].map(({ y }) => y);
  const low = Math.min(...heights);
  const high = Math.max(kind.least, ...heights);
  const unit = byteUnit(Math.max(-low, high));
  const inUnit = (line: readonly Point[]): Point[] =>
    line.map(({ x, y }) => ({ x, y: y / unit.bytes }));
  const plane: Plane = {
    across,
    up: createRuler(low / unit.bytes, high / unit.bytes, { wanted: 5 }),
    acrossTitle: kind.acrossTitle,
    upTitle: `${unit.name} ${kind.upTitle}`,
    labels: [],
  };
  const [line = [], lower = [], upper = []] = drawn.map(inUnit);
  const marks: Content = markup`${
    trend !== null &&
    markup`<path class="band" d="${areaOf(plane, upper, lower)}"/>
<path class="line" d="${lineOf(plane, line)}"/>
`
  }${inUnit(measured).map((point, place) => dotAt(plane, point, tooltip(points[place], kind)))}`;
  return drawChart(plane, kind, marks);
}

interface Fan {
  readonly line: readonly Point[];
  readonly low: readonly Point[];
  readonly high: readonly Point[];
}

/** The fitted line, and the flattest and steepest of its interval, which it meets at the median of users. */
function fanOf(
  { slope, low, high, intercept }: Trend,
  points: readonly MemoryPoint[],
  most: number,
): Fan {
  const middle = medianOf(points.map(({ users }) => users));
  const height = intercept + slope * middle;
  const through = (rise: number): Point[] =>
    [0, most].map((x) => ({ x, y: height + rise * (x - middle) }));
  return { line: through(slope), low: through(low), high: through(high) };
}

function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? upper;
  return (lower + upper) / 2;
}

function tooltip(point: MemoryPoint | undefined, { ground, numberOf }: Kind): string {
  if (point === undefined) return "";
  return `${plural(point.users, "user")}: ${numberOf(point.bytes - ground)}`;
}

function keysOf(trend: Trend | null, { each }: Kind): readonly Key[] {
  const measured: Key = { tone: "dot", text: "measured after forced collection" };
  if (trend === null) return [measured];
  const { slope, low, high } = trend;
  return [
    measured,
    { tone: "line", text: `fitted line (Theil and Sen): ${bytes(slope)} per ${each}` },
    { tone: "band", text: `95 % interval of its slope: ${byteRange(low, high)}` },
  ];
}
