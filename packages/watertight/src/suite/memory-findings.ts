import {
  HARMLESS_BYTES_PER_USER,
  type MemoryLeakDetector,
  type ResourceLeak,
} from "../detectors/memory-leak-detector.ts";
import type { Holder, Measurement } from "../finding.ts";
import type { Observation } from "../observation.ts";
import type { Trend } from "../report.ts";
import type { Remains } from "./witness.ts";

const MAX_HOLDERS = 4;

/** Growth beyond a clean server's noise is a leak only if there are objects that make it. */
export function growthIn(
  detector: MemoryLeakDetector,
  { classes }: Remains,
): readonly Observation[] {
  const { trend, users, grows } = detector;
  const held = classes.filter(({ kind }) => kind !== "timer" && kind !== "listener");
  const [worst] = held;
  if (!grows || trend === undefined || worst === undefined) return [];
  const others = held.length - 1;
  return [
    {
      kind: "heap-growth",
      tier: "retained",
      title: `Each user who leaves leaves ${formatBytes(trend.slope)} behind: ${counted(worst.perUser)} ${worst.name} (${worst.before} → ${worst.after} after ${users} users)${others > 0 ? ` and ${others} other kinds of objects` : ""}`,
      lacks: "nobody was seen to receive any of it",
      occurrences: worst.after - worst.before,
      expected: "memory to stay as it is when users come and leave",
      heldIn: few(held.flatMap(({ holders }) => holders)),
      measured: [slopeOf(trend)],
    },
  ];
}

/** Handles, timers, listeners and table entries of which there are more with every user who leaves. */
export function handlesIn(
  { resourceLeaks, users }: MemoryLeakDetector,
  { classes, tables }: Remains,
): readonly Observation[] {
  const handles = classes.filter(({ kind }) => kind === "timer" || kind === "listener");
  const left = [
    ...resourceLeaks.map((leak) => ({ ...leak, holders: [] as readonly Holder[] })),
    ...handles.map((grown) => ({ ...grown, name: `${grown.kind} ${grown.name}` })),
    ...tables.map((table) => ({
      ...table,
      name: `entry of ${table.holders[0]?.variable ?? `a ${table.kind}`}`,
      perUser: (table.after - table.before) / users,
    })),
  ];
  const [worst] = left;
  if (worst === undefined) return [];
  return [
    {
      kind: "handle-leak",
      tier: "retained",
      title: `Each user who leaves leaves ${counted(worst.perUser)} ${worst.name} behind: ${worst.before} before, ${worst.after} after ${users} users${left.length > 1 ? `; the same for ${left.length - 1} others` : ""}`,
      lacks: "nobody was seen to receive any of it",
      occurrences: worst.after - worst.before,
      expected: "no handle, timer, listener or table entry of a user who has left",
      heldIn: few(left.flatMap(({ holders }) => holders)),
      measured: left.slice(0, MAX_HOLDERS).map(countOf),
    },
  ];
}

function countOf({ name, perUser }: Pick<ResourceLeak, "name" | "perUser">): Measurement {
  return { name: `${name}, per user who left`, value: perUser, unit: "", limit: 0 };
}

function slopeOf({ slope, low, high }: Trend): Measurement {
  const limit = HARMLESS_BYTES_PER_USER;
  return { name: "heap growth per user who left", value: slope, low, high, unit: "B", limit };
}

/** What memory did, for a check that found nothing. */
export function growthText({ trend, grows }: MemoryLeakDetector): string {
  if (trend === undefined) return "memory was not measured";
  const { slope, low, high } = trend;
  const [value, from, to] = [slope, low, high].map((bytes) =>
    Math.round(bytes).toLocaleString("en"),
  );
  const text = `memory grew by ${value} bytes a user [${from}; ${to}]`;
  return grows ? `${text}, which no object of theirs explains: the engine learns the code` : text;
}

/** A few places, each once. */
export function few(holders: readonly Holder[]): readonly Holder[] {
  const places = new Map(
    holders.map((holder) => [`${holder.file ?? ""} ${holder.variable}`, holder] as const),
  );
  return [...places.values()].slice(0, MAX_HOLDERS);
}

function counted(perUser: number): string {
  const rounded = Math.round(perUser * 10) / 10;
  return rounded === 1 ? "one" : String(rounded);
}

function formatBytes(bytes: number): string {
  return bytes < 10_000 ? `${Math.round(bytes)} bytes` : `${Math.round(bytes / 1024)} KB`;
}

/** One place for everybody, though it never held two at once: the next one is served what is there. */
export function slotsIn(holders: readonly Holder[]): readonly Observation[] {
  const [first] = holders;
  if (first === undefined) return [];
  return [
    {
      kind: "shared-state",
      tier: "shared",
      title: `${first.variable} held data of one user after another, and still does when they have left`,
      lacks: "seen in memory; nobody was seen to receive it",
      occurrences: first.users,
      expected: "a variable of the program to hold data of no user, or of all by their owner",
      heldIn: few(holders),
    },
  ];
}
