import type { Memory, Percentiles, Performance, Report, Trend } from "../report.ts";
import { number } from "./plain-text.ts";

/** What was measured of time and memory under load, a line each; nothing where it was not. */
export function loadSentences({ performance, memory }: Report): readonly string[] {
  const time = performance === null ? undefined : timeSentence(performance);
  const space = memory === null ? undefined : memorySentence(memory);
  return [time, space].filter((sentence) => sentence !== undefined);
}

function timeSentence({ solo, points, fit }: Performance): string {
  const busiest = points.toSorted((a, b) => b.users - a.users)[0];
  const parts = [`${ranks(solo)} alone`];
  if (busiest !== undefined) parts.push(`${ranks(busiest.latency)} with ${busiest.users} users`);
  if (fit !== null) parts.push(fit.words);
  return `Time: ${parts.join(" · ")}`;
}

function memorySentence({ perUser, perUserLeft }: Memory): string | undefined {
  const parts = [
    perUser === null ? undefined : `${bytes(perUser)} per user connected`,
    perUserLeft === null ? undefined : `${bytes(perUserLeft)} per user who left`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : `Memory: ${parts.join(" · ")}`;
}

function ranks({ p50, p99 }: Percentiles): string {
  return `p50 ${number(p50)} ms, p99 ${number(p99)} ms`;
}

function bytes({ slope, low, high }: Trend): string {
  return `${number(slope)} B [${number(low)}; ${number(high)}]`;
}
