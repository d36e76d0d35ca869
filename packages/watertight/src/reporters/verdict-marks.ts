import type { Verdict } from "../finding.ts";

/** A sign for each verdict, for people. */
export const MARK: Readonly<Record<Verdict, string>> = Object.freeze({
  passed: "✔",
  failed: "✖",
  inconclusive: "?",
});

/** The color of each verdict on a terminal (ECMA-48, SGR). */
export const COLOR: Readonly<Record<Verdict, number>> = Object.freeze({
  passed: 32,
  failed: 31,
  inconclusive: 33,
});
