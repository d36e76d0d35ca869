import { type Content, markup, type Markup } from "../markup.ts";
import { type Ruler, tickText } from "./ruler.ts";
import { spread } from "./spread.ts";

/** Everything is measured in units of the picture; its width fits half a page. */
const WIDTH = 480;
const HEIGHT = 296;
const LEFT = 54;
const TOP = 34;
const BOTTOM = 50;
/** With labels at the ends of lines, and without. */
const RIGHT = 104;
const NARROW_RIGHT = 24;
/** Room of one line of type at its largest, on a phone. */
const LINE = 18;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Words at the right end of a line, at the height of `y`. */
export interface EndLabel {
  readonly y: number;
  readonly text: string;
  readonly tone: string;
}

/** A chart without its marks: two rulers, what they count, and room for the labels. */
export interface Plane {
  readonly across: Ruler;
  readonly up: Ruler;
  readonly acrossTitle: string;
  readonly upTitle: string;
  readonly labels: readonly EndLabel[];
}

export interface Picture {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** What the picture shows, for those who don't see it. */
  readonly words: string;
}

/** A chart as a picture with a name and a description: rulers below, marks on top, labels beside. */
export function drawChart(plane: Plane, { id, title, words }: Picture, marks: Content): Markup {
  return markup`<svg class="plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-name" aria-describedby="${id}-words">
<title id="${id}-name">${title}</title>
<desc id="${id}-words">${words}</desc>
${drawRulers(plane)}
${marks}
${drawLabels(plane)}
</svg>`;
}

/** The way along points, as the data of a path. */
export function lineOf(plane: Plane, points: readonly Point[]): string {
  return points.map((point, place) => `${place === 0 ? "M" : "L"}${at(plane, point)}`).join("");
}

/** The area between two lines. */
export function areaOf(plane: Plane, upper: readonly Point[], lower: readonly Point[]): string {
  if (upper.length === 0) return "";
  return `${lineOf(plane, [...upper, ...lower.toReversed()])}z`;
}

/** A dot, with words for the pointer that rests on it. */
export function dotAt(plane: Plane, point: Point, words: string): Markup {
  return markup`<circle class="dot" cx="${round(xOf(plane, point.x))}" cy="${round(yOf(plane, point.y))}" r="4.5"><title>${words}</title></circle>
`;
}

/** Words right above a point, on the side of it that has more room. */
export function wordsAt(plane: Plane, { x, y }: Point, words: string): Markup {
  const isLeft = xOf(plane, x) > WIDTH / 2;
  const left = xOf(plane, x) + (isLeft ? -7 : 7);
  return markup`<text class="note" x="${round(left)}" y="${round(yOf(plane, y) - 9)}" text-anchor="${isLeft ? "end" : "start"}">${words}</text>
`;
}

function at(plane: Plane, { x, y }: Point): string {
  return `${round(xOf(plane, x))} ${round(yOf(plane, y))}`;
}

function xOf(plane: Plane, x: number): number {
  const { low, high } = plane.across;
  return LEFT + ((x - low) / (high - low)) * (rightOf(plane) - LEFT);
}

/** What is beyond the ruler is drawn at its end. */
function yOf({ up: { low, high } }: Plane, y: number): number {
  const share = Math.min(1, Math.max(0, (y - low) / (high - low)));
  return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
}

function rightOf({ labels }: Plane): number {
  return WIDTH - (labels.length > 0 ? RIGHT : NARROW_RIGHT);
}

function drawRulers(plane: Plane): Markup {
  const { across, up, acrossTitle, upTitle } = plane;
  const right = rightOf(plane);
  const bottom = HEIGHT - BOTTOM;
  const rules = up.ticks.map((tick) => `M${LEFT} ${round(yOf(plane, tick))}H${right}`);
  const ticks = across.ticks.map((tick) => `M${round(xOf(plane, tick))} ${bottom}v5`);
  const numbers = up.ticks.map(
    (tick) =>
      markup`<text x="${LEFT - 9}" y="${round(yOf(plane, tick))}" dy=".35em" text-anchor="end">${tickText(tick, up)}</text>`,
  );
  const users = across.ticks.map(
    (tick) =>
      markup`<text x="${round(xOf(plane, tick))}" y="${bottom + 19}" text-anchor="middle">${tickText(tick, across)}</text>`,
  );
  return markup`<path class="rules" d="${rules.join("")}"/>
<path class="ground" d="M${LEFT} ${round(yOf(plane, 0))}H${right}"/><path class="ticks" d="${ticks.join("")}"/>
<g class="numbers">${numbers}${users}</g>
<text class="axis" x="${LEFT - 9}" y="14" text-anchor="start">${upTitle}</text><text class="axis" x="${right}" y="${HEIGHT - 8}" text-anchor="end">${acrossTitle} →</text>`;
}

/** Labels that would cover each other are moved apart, and led to where they belong. */
function drawLabels(plane: Plane): Content {
  const right = rightOf(plane);
  const wanted = plane.labels.map(({ y }) => yOf(plane, y));
  const bounds = { gap: LINE, low: TOP, high: HEIGHT - BOTTOM - LINE / 2 };
  const places = spread(wanted, bounds);
  return plane.labels.map(({ text, tone }, place) => {
    const from = round(wanted[place] ?? 0);
    const to = round(places[place] ?? 0);
    return markup`<path class="leader" d="M${right + 2} ${from}L${right + 9} ${to}"/><text class="end ${tone}" x="${right + 12}" y="${to}" dy=".35em">${text}</text>
`;
  });
}

function round(number: number): string {
  return String(Math.round(number * 100) / 100);
}
