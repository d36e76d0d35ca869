import type { RoutingMatrix } from "../../report.ts";

/** A square of the picture: one pair of users, or a block of pairs when there are too many to draw. */
export interface Block {
  readonly row: number;
  readonly column: number;
  /** Users in it whose own canaries came home; only a block on the diagonal has any. */
  own: number;
  ownFrames: number;
  /** Pairs in it where somebody's canary reached somebody else. */
  foreign: number;
  foreignFrames: number;
}

/** What the picture shows, and what is said about it. */
export interface Grid {
  readonly users: number;
  /** Users to a side of a block: 1 while each pair can be drawn. */
  readonly perBlock: number;
  /** Blocks to a side of the picture. */
  readonly side: number;
  /** Blocks with something in them, and every block on the diagonal. */
  readonly blocks: readonly Block[];
  readonly own: number;
  readonly foreign: number;
  /** Pairs of two different users. */
  readonly pairs: number;
  /** The first few of the lit pairs of two different users. */
  readonly first: readonly (readonly [from: number, to: number, frames: number])[];
  /** Per user: how many others this user's canaries reached, in how many frames. */
  readonly reach: readonly {
    readonly user: number;
    readonly others: number;
    readonly frames: number;
  }[];
}

/** Up to so many users, each pair is a square of its own. */
const MAX_SINGLE = 120;
const MAX_SIDE = 100;
/** So many lit pairs are kept by name. */
export const MAX_NAMED_PAIRS = 6;

/** Sorts the lit cells of a matrix into the squares of a picture; one pass over the cells. */
export function toGrid({ users, cells }: RoutingMatrix): Grid {
  const perBlock = users <= MAX_SINGLE ? 1 : Math.ceil(users / MAX_SIDE);
  const side = Math.ceil(users / perBlock);
  const blocks = new Map<number, Block>();
  const first: Grid["first"][number][] = [];
  const reach = Array.from({ length: users }, (_, user) => ({ user, others: 0, frames: 0 }));
  for (let place = 0; place < side; place += 1) blockAt(blocks, side, place, place);
  for (const [from, to, frames] of cells) {
    if (frames <= 0) continue;
    const row = Math.floor(from / perBlock);
    const block = blockAt(blocks, side, row, Math.floor(to / perBlock));
    if (from === to) {
      block.own += 1;
      block.ownFrames += frames;
      continue;
    }
    block.foreign += 1;
    block.foreignFrames += frames;
    if (first.length < MAX_NAMED_PAIRS) first.push([from, to, frames]);
    const source = reach[from];
    if (source === undefined) continue;
    source.others += 1;
    source.frames += frames;
  }
  return { users, perBlock, side, ...totals(blocks), pairs: users * (users - 1), first, reach };
}

function blockAt(blocks: Map<number, Block>, side: number, row: number, column: number): Block {
  const key = row * side + column;
  const known = blocks.get(key);
  if (known !== undefined) return known;
  const block = { row, column, own: 0, ownFrames: 0, foreign: 0, foreignFrames: 0 };
  blocks.set(key, block);
  return block;
}

function totals(blocks: ReadonlyMap<number, Block>): Pick<Grid, "blocks" | "own" | "foreign"> {
  const all = [...blocks.values()];
  return {
    blocks: all,
    own: all.reduce((sum, block) => sum + block.own, 0),
    foreign: all.reduce((sum, block) => sum + block.foreign, 0),
  };
}

/** Users in the block at `place` of a side; the last block may be smaller. */
export function usersIn({ users, perBlock }: Grid, place: number): number {
  return Math.max(0, Math.min(perBlock, users - place * perBlock));
}

/** Pairs of two different users that fall into a block. */
export function pairsIn(grid: Grid, { row, column }: Block): number {
  const rows = usersIn(grid, row);
  return rows * usersIn(grid, column) - (row === column ? rows : 0);
}
