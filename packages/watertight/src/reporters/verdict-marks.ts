import type { Standing } from "../baseline-comparison.ts";

/** A sign for each verdict, for people. */
export const MARK: Readonly<Record<Standing, string>> = Object.freeze({
  passed: "✔",
  failed: "✖",
  inconclusive: "?",
  known: "~",
});

/** The color of each verdict on a terminal (ECMA-48, SGR). */
export const COLOR: Readonly<Record<Standing, number>> = Object.freeze({
  passed: 32,
  failed: 31,
  inconclusive: 33,
  known: 36,
});
