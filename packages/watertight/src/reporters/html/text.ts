import type { Verdict } from "../../finding.ts";

const SECOND_MS = 1000;
const MINUTE_S = 60;

/** `61,200`, the same wherever the report is made. */
export function count(number: number): string {
  return number.toLocaleString("en-US");
}

/** With the minus sign of type, which is as wide as a digit. */
export function signed(text: string): string {
  return text.replace(/^-/, "−");
}

/** `1 user`, `50 users`. */
export function plural(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** `820 ms`, `16.9 s`, `1 min 20 s`. */
export function duration(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  const seconds = ms / SECOND_MS;
  if (seconds < MINUTE_S) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${count(Math.floor(whole / MINUTE_S))} min ${whole % MINUTE_S} s`;
}

/** `2.14 ms`, `1,963 ms`: three digits are enough. */
export function milliseconds(ms: number): string {
  return `${ms < 100 ? ms.toPrecision(ms < 1 ? 2 : 3) : count(Math.round(ms))} ms`;
}

/** Never rounded up to 100: one misrouted frame in a million is not "100 %". */
export function percent(part: number, whole: number): string {
  if (part === whole) return "100 %";
  return `${(Math.floor((part / whole) * 10_000) / 100).toFixed(2)} %`;
}

/** `2026-07-14 09:31:22 UTC`; a text that is no time stays what it is. */
export function utc(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** With a capital at its beginning. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A number and its percent sign stay on one line. */
export function unbroken(text: string): string {
  return text.replaceAll(/(?<=\d) %/g, "\u00A0%");
}

/** How a verdict is written where it stands alone. */
export const VERDICT_WORD: Readonly<Record<Verdict, string>> = Object.freeze({
  passed: "Passed",
  failed: "Failed",
  inconclusive: "Inconclusive",
});
