import { WatertightError } from "../errors.ts";

/** What a timer can wait for at most; beyond it, `setTimeout` fires at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/** Answers `value` if it is a whole number of at least `least`; throws WT_OPTION_INVALID otherwise. */
export function wholeNumber(name: string, value: unknown, least = 1): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  throw new WatertightError(
    "WT_OPTION_INVALID",
    `Expected \`${name}\` to be a whole number of at least ${least}, got \`${String(value)}\` (${typeof value})`,
  );
}

/** Answers `value` if a timer can wait that long, 1 to 2,147,483,647; throws WT_OPTION_INVALID otherwise. */
export function milliseconds(name: string, value: unknown): number {
  const ms = wholeNumber(name, value);
  if (ms <= MAX_TIMER_MS) return ms;
  throw new WatertightError(
    "WT_OPTION_INVALID",
    `Expected \`${name}\` to be at most ${MAX_TIMER_MS} milliseconds (24.8 days), got \`${ms}\``,
  );
}

/** Answers `value` if it is a function; throws WT_OPTION_INVALID otherwise. */
export function callable<T>(name: string, value: T): T {
  if (typeof value === "function") return value;
  throw new WatertightError(
    "WT_OPTION_INVALID",
    `Expected \`${name}\` to be a function, got ${typeof value}`,
  );
}
