import type { Measurement } from "../../finding.ts";
import { count, signed } from "./text.ts";

export interface ByteUnit {
  readonly name: "B" | "KB" | "MB" | "GB";
  readonly bytes: number;
}

const KILO = 1024;
const UNITS: readonly ByteUnit[] = Object.freeze<ByteUnit[]>([
  { name: "GB", bytes: KILO ** 3 },
  { name: "MB", bytes: KILO ** 2 },
  { name: "KB", bytes: KILO },
  { name: "B", bytes: 1 },
]);
const DIGITS = 3;
/** Between a number and its unit, which stay on one line. */
const GLUE = "\u00A0";
const LEAST_SHARE = 0.000_001;

/** The largest unit of which there is at least one, by the kilobyte of 1,024 bytes. */
export function byteUnit(bytes: number): ByteUnit {
  const size = Math.abs(bytes);
  return UNITS.find((unit) => size >= unit.bytes) ?? { name: "B", bytes: 1 };
}

/** `44 B`, `91.8 KB`, `−1.20 MB`. */
export function bytes(value: number): string {
  const unit = byteUnit(value);
  const number = value / unit.bytes;
  return `${unit.bytes === 1 ? signed(count(Math.round(number))) : significant(number)}${GLUE}${unit.name}`;
}

/** `+2.58 KB`: more or less than something. */
export function signedBytes(value: number): string {
  return value > 0 ? `+${bytes(value)}` : bytes(value);
}

/** `37.0 to 40.0 KB`, `−31 B to 1.18 KB`. */
export function byteRange(low: number, high: number): string {
  const [from, to] = [bytes(low), bytes(high)];
  const [number = "", unit = ""] = from.split(GLUE);
  return `${to.endsWith(`${GLUE}${unit}`) ? number : from} to ${to}`;
}

/** `0.0421`, `3.90`, `195`, `12,400`: three digits are enough. */
export function significant(number: number): string {
  if (number === 0 || !Number.isFinite(number)) return String(number);
  const decimals = Math.max(0, DIGITS - 1 - Math.floor(Math.log10(Math.abs(number))));
  const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return signed(number.toLocaleString("en-US", options));
}

/** `0.04 %`, `1.2 %`, `150 %`: two digits; never rounded down to 0. */
export function share(part: number): string {
  if (part === 0) return "0 %";
  if (Math.abs(part) < LEAST_SHARE) return `less than 0.0001${GLUE}%`;
  return `${signed(Number((part * 100).toPrecision(2)).toLocaleString("en-US", { maximumFractionDigits: 5 }))}${GLUE}%`;
}

/** A number in the unit of its measurement: `8.20 ms`, `1.02 KB`, `×3.40`, `12`. */
export function inUnit(value: number, unit: Measurement["unit"]): string {
  if (unit === "B") return bytes(value);
  return withUnit(numberIn(value, unit), unit);
}

/** Both bounds of an interval, with their unit once: `37.0 to 40.0 KB`, `×3.10 to ×3.40`. */
export function rangeInUnit(low: number, high: number, unit: Measurement["unit"]): string {
  if (unit === "B") return byteRange(low, high);
  return withUnit(`${numberIn(low, unit)} to ${numberIn(high, unit)}`, unit);
}

function numberIn(value: number, unit: Measurement["unit"]): string {
  const number = Number.isInteger(value) ? signed(count(value)) : significant(value);
  return unit === "×" ? `×${number}` : number;
}

function withUnit(text: string, unit: Measurement["unit"]): string {
  return unit === "" || unit === "×" ? text : `${text}${GLUE}${unit}`;
}
