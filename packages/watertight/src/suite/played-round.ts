import { oneAfterAnother } from "../patterns/pattern.ts";
import type { Bench, RoundOptions } from "./bench.ts";
import { anonymous } from "./departures.ts";
import type { RoundResult } from "./round.ts";

/** A round, and the pattern by which it was played. */
export interface PlayedRound {
  readonly pattern: string;
  readonly result: RoundResult;
}

/** Plays a round and answers it with its pattern's name. */
export async function playRound(bench: Bench, options: RoundOptions): Promise<PlayedRound> {
  return { pattern: options.pattern.name, result: await bench.play(options) };
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
