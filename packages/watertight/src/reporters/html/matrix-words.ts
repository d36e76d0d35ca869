import { type Block, type Grid, pairsIn, usersIn } from "./matrix-grid.ts";
import { count, plural } from "./text.ts";

/** Says what a square of the picture shows, for the pointer that rests on it. */
export function describeBlock(grid: Grid, block: Block): string {
  const { row, column, own, ownFrames, foreignFrames } = block;
  if (grid.perBlock > 1) return describeGroup(grid, block);
  const from = userName(grid, row);
  if (row !== column) {
    return `${from} → ${userName(grid, column)}: ${plural(foreignFrames, "frame")}`;
  }
  return own === 0
    ? `${from}: none of the own canaries came home`
    : `${from} received ${plural(ownFrames, "frame")} with canaries of its own`;
}

function describeGroup(grid: Grid, block: Block): string {
  const { row, column, own, foreign, foreignFrames } = block;
  const home = `${own} of ${usersIn(grid, row)} users’ own canaries came home`;
  const pairs = `${count(foreign)} of ${count(pairsIn(grid, block))} foreign pairs lit`;
  const frames = `${plural(foreignFrames, "frame")} astray`;
  const parts = [row === column && home, foreign > 0 && `${pairs}, ${frames}`].filter(Boolean);
  return `${userRange(grid, row)} → ${userRange(grid, column)}: ${parts.join(", ")}`;
}

function userRange(grid: Grid, place: number): string {
  const first = place * grid.perBlock;
  const last = first + usersIn(grid, place) - 1;
  return first === last
    ? userName(grid, first)
    : `${userName(grid, first)}…${userNumber(grid, last)}`;
}

/** The name that findings give to the user of this number. */
export function userName(grid: Grid, user: number): string {
  return `user-${userNumber(grid, user)}`;
}

/** The number of a user as names write it, all of one length. */
export function userNumber({ users }: Grid, user: number): string {
  return String(user).padStart(Math.max(2, String(users - 1).length), "0");
}
