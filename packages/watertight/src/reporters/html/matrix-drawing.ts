import { type Content, markup, type Markup } from "./markup.ts";
import { type Block, type Grid, pairsIn } from "./matrix-grid.ts";
import { describeBlock, userNumber } from "./matrix-words.ts";
import { count } from "./text.ts";

/** Everything is measured in pixels of the picture at its full size. */
const PLOT = 640;
const MAX_CELL = 110;
const LEFT = 62;
const TOP = 62;
const EDGE = 14;
/** Above this, squares are joined to paths, which have no tooltips. */
const MAX_TOOLTIPS = 3000;
/** Up to so many squares off the diagonal get a ring, if they are small, so that none is overlooked. */
const MAX_RINGS = 12;
const MIN_RING = 13;
const MAX_RINGED_CELL = 24;
/** The rulers are numbered, and the plan is ruled, every so many squares. */
const RULED = 10;
/** Up to so many of them are also led to both rulers. */
const MAX_LEADERS = 3;
/** Up to so many users, squares say their number of frames, and every row its user. */
export const MAX_WRITTEN = 12;
const SHADES = 4;
/** Side of the square that a leak among neighbours gets inside their block on the diagonal. */
const INNER = 0.5;
/** Numbers of frames that differ by less than this factor get one shade. */
const ALIKE = 1.5;

/** How the squares off the diagonal are meant: as data astray, or as data lent on purpose. */
export type ForeignTone = "foreign" | "lent";

interface Frame {
  readonly grid: Grid;
  /** Side of a square with its share of the gaps. */
  readonly cell: number;
  readonly gap: number;
  readonly plot: number;
  readonly tone: ForeignTone;
  readonly minFrames: number;
  readonly maxFrames: number;
}

/** Draws who reached whom: rows are the owners of canaries, columns those who received them. */
export function drawMatrix(grid: Grid, tone: ForeignTone, words: string): Markup {
  const cell = Math.min(MAX_CELL, PLOT / Math.max(1, grid.side));
  const gap = Math.min(2, Math.max(0.5, cell * 0.1));
  const plot = cell * grid.side;
  const foreign = grid.blocks.filter(isForeign);
  const frame: Frame = { grid, cell, gap, plot, tone, ...rangeOf(foreign) };
  const width = round(LEFT + plot + EDGE);
  const height = round(TOP + plot + EDGE);
  return markup`<svg class="matrix" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${words}">
<defs><pattern id="dark" width="${round(cell)}" height="${round(cell)}" patternUnits="userSpaceOnUse"><path d="${squareAt(frame, 0, 0)}"/></pattern></defs>
${drawAxes(frame)}
<g transform="translate(${LEFT} ${TOP})">
<rect class="hull" x="-5" y="-5" width="${round(plot + 10)}" height="${round(plot + 10)}"/>
<rect fill="url(#dark)" width="${round(plot)}" height="${round(plot)}"/>
${grid.side > 2 * RULED && drawTens(frame)}
${drawSquares(frame)}
${tone === "foreign" && drawRings(frame, foreign)}
</g>
</svg>`;
}

function rangeOf(blocks: readonly Block[]): Pick<Frame, "minFrames" | "maxFrames"> {
  let minFrames = Number.POSITIVE_INFINITY;
  let maxFrames = 1;
  for (const { foreignFrames } of blocks) {
    minFrames = Math.min(minFrames, foreignFrames);
    maxFrames = Math.max(maxFrames, foreignFrames);
  }
  return { minFrames, maxFrames };
}

function isForeign({ foreign }: Block): boolean {
  return foreign > 0;
}

/** One layer a shade, so that a square itself is as short as it can be. */
function drawSquares(frame: Frame): Content {
  const { grid, tone } = frame;
  const diagonal = grid.blocks.filter(({ row, column }) => row === column);
  const own = diagonal.filter((block) => block.own > 0);
  const missing = diagonal.filter((block) => block.own === 0);
  const foreign = grid.blocks.filter(isForeign);
  const shades = Array.from({ length: SHADES }, (_, shade) =>
    foreign.filter((block) => shadeOf(frame, block) === shade),
  );
  return [
    drawLayer(frame, "missing", missing),
    drawLayer(frame, "own", own),
    shades.map((blocks, shade) => drawLayer(frame, `${tone} shade-${shade}`, blocks)),
    grid.users <= MAX_WRITTEN && grid.blocks.map((block) => drawNumber(frame, block)),
  ];
}

function drawLayer(frame: Frame, name: string, blocks: readonly Block[]): Content {
  if (blocks.length === 0) return undefined;
  const isOwn = name === "own" || name === "missing";
  const sizeOf = (block: Block): number => (isOwn ? 1 : extentOf(frame, block));
  if (frame.grid.blocks.length > MAX_TOOLTIPS) {
    const path = blocks.map((block) => squareAt(frame, block.row, block.column, sizeOf(block)));
    return markup`<path class="${name}" d="${path.join("")}"/>
`;
  }
  const squares = blocks.map(
    (block) =>
      markup`<path d="${squareAt(frame, block.row, block.column, sizeOf(block))}"><title>${describeBlock(frame.grid, block)}</title></path>
`,
  );
  return markup`<g class="${name}">
${squares}</g>
`;
}

/** How much of its place a foreign square fills: all of it for a pair, by share for a block. */
function extentOf({ grid }: Frame, block: Block): number {
  if (block.row === block.column) return INNER;
  return 0.6 + 0.4 * Math.sqrt(block.foreign / pairsIn(grid, block));
}

/** Few frames are paler than many, never pale: the scale is logarithmic and starts strong. */
function shadeOf(
  { minFrames, maxFrames, grid }: Frame,
  { foreignFrames, row, column }: Block,
): number {
  const isAlike = maxFrames < minFrames * ALIKE;
  if (grid.users <= MAX_WRITTEN || isAlike || row === column) return SHADES - 1;
  const share = Math.log(foreignFrames / minFrames) / Math.log(maxFrames / minFrames);
  return Math.min(SHADES - 1, Math.floor(share * SHADES));
}

function squareAt({ cell, gap }: Frame, row: number, column: number, extent = 1): string {
  const size = (cell - gap) * extent;
  const inset = (cell - size) / 2;
  const side = round(size);
  return `M${round(column * cell + inset)} ${round(row * cell + inset)}h${side}v${side}h-${side}z`;
}

function drawRings(frame: Frame, foreign: readonly Block[]): Content {
  if (foreign.length > MAX_RINGS || frame.cell > MAX_RINGED_CELL) return undefined;
  const radius = Math.max(MIN_RING, frame.cell * 0.8);
  const rings = foreign.map((block) => {
    const [x, y] = centreOf(frame, block);
    return markup`<circle class="ring" cx="${round(x)}" cy="${round(y)}" r="${round(radius)}"/>
`;
  });
  if (foreign.length > MAX_LEADERS) return rings;
  const leaders = foreign.map((block) => {
    const [x, y] = centreOf(frame, block);
    return `M${round(x)} ${round(y - radius)}V-8M${round(x - radius)} ${round(y)}H-8`;
  });
  return [markup`<path class="leaders" d="${leaders.join("")}"/>`, rings];
}

function centreOf({ cell }: Frame, { row, column }: Block): readonly [x: number, y: number] {
  return [(column + 0.5) * cell, (row + 0.5) * cell];
}

/** A line after every ten squares, to count by. */
function drawTens({ grid, cell, plot }: Frame): Markup {
  const lines: string[] = [];
  for (let place = RULED; place < grid.side; place += RULED) {
    const at = round(place * cell);
    lines.push(`M${at} 0V${round(plot)}M0 ${at}H${round(plot)}`);
  }
  return markup`<path class="tens" d="${lines.join("")}"/>`;
}

function drawNumber(frame: Frame, block: Block): Content {
  const frames = block.ownFrames + block.foreignFrames;
  if (frames === 0) return undefined;
  const [x, y] = centreOf(frame, block);
  return markup`<text class="frames" x="${round(x)}" y="${round(y)}">${count(frames)}</text>
`;
}

/** A ruler along both sides: a tick a square, a number at round ones. */
function drawAxes(frame: Frame): Markup {
  const { grid, cell, plot } = frame;
  const places = Array.from({ length: grid.side }, (_, place) => place);
  const step = grid.users <= MAX_WRITTEN ? 1 : RULED;
  const numbered = places.filter((place) => place % step === 0);
  const middle = (place: number): string => round((place + 0.5) * cell);
  const ticks = places.map((place) => {
    const length = place % step === 0 ? 7 : 3;
    return `M${middle(place)} -8v-${length}M-8 ${middle(place)}h-${length}`;
  });
  const labels = numbered.map((place) => {
    const user = userNumber(grid, place * grid.perBlock);
    return markup`<text x="${middle(place)}" y="-21" text-anchor="middle">${user}</text><text x="-19" y="${middle(place)}" dy=".35em" text-anchor="end">${user}</text>
`;
  });
  return markup`<g class="axes" transform="translate(${LEFT} ${TOP})">
<path d="${ticks.join("")}"/>
${labels}<text class="axis" x="0" y="-45">to: who received it →</text>
<text class="axis" transform="translate(-50 ${round(plot)}) rotate(-90)">← from: whose canary</text>
</g>`;
}

function round(number: number): string {
  return String(Math.round(number * 100) / 100);
}
