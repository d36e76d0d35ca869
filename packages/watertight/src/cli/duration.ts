import { usage } from "./usage.ts";

const UNITS = Object.freeze({ s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 });

type Unit = keyof typeof UNITS;

/** Bounds of a duration, in milliseconds. */
export interface DurationRange {
  readonly least: number;
  readonly most: number;
}

/** Reads `30s`, `10m`, `1h` or `2d` as milliseconds. Throws WT_USAGE for anything else. */
export function readDuration(option: string, text: string, { least, most }: DurationRange): number {
  const { amount, unit } = /^(?<amount>\d{1,9})(?<unit>[smhd])$/.exec(text)?.groups ?? {};
  const ms = Number(amount) * UNITS[unit as Unit];
  if (ms >= least && ms <= most) return ms;
  const range = `from ${formatDuration(least)} to ${formatDuration(most)}`;
  throw usage(`${option} to be a duration ${range}, such as 30s, 10m, 1h or 2d, got \`${text}\``);
}

/** Writes milliseconds in the largest unit in which they are whole; parts of a second are lost. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / UNITS.s) * UNITS.s;
  const units = Object.entries(UNITS).toReversed();
  const [unit, size] = units.find(([, size]) => seconds % size === 0 && seconds >= size) ?? [
    "s",
    1,
  ];
  return `${seconds / size}${unit}`;
}
