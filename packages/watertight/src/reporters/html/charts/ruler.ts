import { signed } from "../text.ts";

/** One side of a chart: what it reaches from and to, and the round numbers that are written at it. */
export interface Ruler {
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly ticks: readonly number[];
}

export interface RulerOptions {
  /** About so many ticks. */
  readonly wanted: number;
  /** No ticks closer than this; 1 for whole things such as users. */
  readonly minStep?: number;
  /** Ends at `high` itself instead of at the next tick. */
  readonly isTight?: boolean;
}

const MANTISSAS: readonly number[] = Object.freeze([1, 2, 5, 10]);
/** Digits that survive the sum of many steps. */
const PRECISE = 12;

/**
 * A ruler with round ticks that holds zero, `low` and `high`; never one of no length. It begins at
 * `low` itself and ends at a tick.
 */
export function createRuler(low: number, high: number, options: RulerOptions): Ruler {
  const bottom = Math.min(0, low);
  const top = Math.max(0, high) > bottom ? Math.max(0, high) : 1;
  const step = Math.max(options.minStep ?? 0, roundStep((top - bottom) / options.wanted));
  const first = Math.ceil(precise(bottom / step));
  const last = (options.isTight ? Math.floor : Math.ceil)(precise(top / step));
  const ticks = Array.from({ length: last - first + 1 }, (_, place) =>
    precise((first + place) * step),
  );
  return { low: bottom, high: options.isTight ? top : precise(last * step), step, ticks };
}

/** The number on a tick: as many decimals as the step needs, and a true minus sign. */
export function tickText(tick: number, { step }: Ruler): string {
  const decimals = Math.min(PRECISE, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return signed(tick.toLocaleString("en-US", { maximumFractionDigits: decimals }));
}

/** The least of 1, 2, 5 times a power of ten that is not below `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const mantissa = MANTISSAS.find((candidate) => candidate * power >= least * (1 - 1e-9)) ?? 10;
  return precise(mantissa * power);
}

function precise(number: number): number {
  return Number(number.toPrecision(PRECISE));
}
