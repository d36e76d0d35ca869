import { parseArgs } from "node:util";
import type { LogKind } from "./messages.ts";

/** How much chaos. */
export interface ChaosOptions {
  readonly users: number;
  readonly kills: number;
  readonly cuts: number;
  readonly log: LogKind;
  readonly seed: string;
  /** Milliseconds that the kills and cuts are spread over. */
  readonly spreadMs: number;
}

/** Shown for words that are not understood. */
export const USAGE =
  "Usage: npm run chaos -- [--users 200] [--kills 200] [--cuts 2000] [--seconds 230] [--log lmdb|memory] [--seed …]";

/** Reads the command line; throws an Error that says what is wrong with it. */
export function readOptions(words: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      users: { type: "string", default: "200" },
      kills: { type: "string", default: "200" },
      cuts: { type: "string", default: "2000" },
      seconds: { type: "string" },
      log: { type: "string", default: "lmdb" },
      seed: { type: "string", default: Math.random().toString(36).slice(2, 10) },
    },
  });
  const { log, seed } = values;
  if (log !== "lmdb" && log !== "memory") throw new Error("Expected --log lmdb or memory.");
  const kills = wholeNumber("kills", values.kills, 0);
  const cuts = wholeNumber("cuts", values.cuts, 0);
  const usualSeconds = Math.max(3, Math.ceil(kills * 1.15), Math.ceil(cuts / 40));
  return {
    users: wholeNumber("users", values.users, 1),
    kills,
    cuts,
    log,
    seed,
    spreadMs: wholeNumber("seconds", values.seconds ?? String(usualSeconds), 1) * 1000,
  };
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least && text.trim() !== "") return value;
  throw new Error(`Expected --${name} to be a whole number from ${least}, got ${text}.`);
}
