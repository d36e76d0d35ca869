import { oneAfterAnother } from "../patterns/pattern.ts";
import type { Bench, RoundOptions } from "./bench.ts";
import { everydayTask } from "./conversations.ts";
import { anonymous } from "./departures.ts";
import type { RoundResult } from "./round.ts";

/** Enough to see that one user's state outlives the turn. */
const IN_A_ROW = 12;

/** A round, and the pattern by which it was played. */
export interface PlayedRound {
  readonly pattern: string;
  readonly result: RoundResult;
}

/** Plays a round and answers it with its pattern's name. */
export async function playRound(bench: Bench, options: RoundOptions): Promise<PlayedRound> {
  return { pattern: options.pattern.name, result: await bench.play(options) };
}

/** Users come one after another, a few: more in a row would show no more. */
export function inARow(bench: Bench): Promise<PlayedRound> {
  const identities = bench.identities.slice(0, IN_A_ROW);
  return playRound(bench, { pattern: oneAfterAnother, task: everydayTask(bench), identities });
}

/** Everybody has gone, and somebody comes who does not even sign in. */
export async function strangerAfterwards(bench: Bench): Promise<PlayedRound> {
  return playRound(bench, {
    pattern: { ...oneAfterAnother, name: "anonymous afterwards" },
    // One alone: a server may take all who don't say who they are for the same guest.
    identities: bench.takeVisitors(1),
    task: anonymous(bench),
    isAnonymous: true,
  });
}
