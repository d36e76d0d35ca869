import { WatertightError } from "../errors.ts";

/** Answers `value` if it is a whole number of at least `least`; throws WT_OPTION_INVALID otherwise. */
export function wholeNumber(name: string, value: number, least = 1): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new WatertightError(
    "WT_OPTION_INVALID",
    `Expected \`${name}\` to be a whole number of at least ${least}, got \`${String(value)}\` (${typeof value})`,
  );
}
