import { parseArgs } from "node:util";

/** How much nonsense. */
export interface FuzzOptions {
  readonly seconds: number;
  readonly seed: string;
  /** A file of inputs to be played again instead. */
  readonly replay: string | undefined;
}

/** Shown for words that are not understood. */
export const USAGE = "Usage: npm run fuzz -- [--seconds 60] [--seed …] [--replay file]";

/** Reads the command line; throws an Error that says what is wrong with it. */
export function readOptions(words: readonly string[]): FuzzOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      seconds: { type: "string", default: "60" },
      seed: { type: "string", default: Math.random().toString(36).slice(2, 10) },
      replay: { type: "string" },
    },
  });
  const seconds = Number(values.seconds);
  if (!Number.isSafeInteger(seconds) || seconds < 1) {
    throw new Error(`Expected --seconds to be a whole number from 1, got ${values.seconds}.`);
  }
  return { seconds, seed: values.seed, replay: values.replay };
}
