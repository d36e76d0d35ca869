import { isDeepStrictEqual } from "node:util";
import { judgeRuns, type RunCounts } from "./judge-runs.ts";
import { judgeWords } from "./judge-words.ts";
import {
  canariesIn,
  type DeviceLedger,
  type ReceivedEvent,
  type Stint,
  type UserLedger,
} from "./ledger.ts";

/** What went wrong. All but `lost`, `duplicated` and `misdelivered` are counted together. */
export type ViolationKind =
  /** A device was told it, and it is gone; or it is there, and a device that must have it has not. */
  | "lost"
  /** One device got one position twice. */
  | "duplicated"
  /** A user received what is another's. */
  | "misdelivered"
  /** The same position, but not the same event. */
  | "altered"
  | "reordered"
  /** The server says itself that its log lost something. */
  | "reset"
  /** A run without an end, with several, with a gap, or that says what its agent did not. */
  | "run"
  /** A refusal or a goodbye that nothing gave a reason for. */
  | "refused"
  /** The server ended by itself, or told its operator of a failure. */
  | "server";

/** One thing that must never happen, and where to look for it. */
export interface Violation {
  readonly kind: ViolationKind;
  readonly userId: string;
  readonly device?: string;
  readonly runId?: string;
  readonly position?: string;
  readonly what: string;
}

/** What a ledger comes to. */
export interface Verdict {
  readonly violations: readonly Violation[];
  readonly runs: RunCounts;
  /** Events that at least one device was told. */
  readonly acknowledged: number;
  /** Events received, over all devices. */
  readonly received: number;
}

type Report = (violation: Omit<Violation, "userId">) => void;

interface Log {
  readonly events: readonly ReceivedEvent[];
  readonly frames: readonly string[];
  readonly indexOf: ReadonlyMap<string, number>;
}

/**
 * Judges what one user was told. The replay of the whole log is the measure: every device must have
 * had an unbroken piece of it, to its end.
 */
export function judgeUser(ledger: UserLedger): Verdict {
  const violations: Violation[] = [];
  const report: Report = (violation) => violations.push({ userId: ledger.userId, ...violation });
  scanForForeign(ledger, report);
  for (const what of judgeWords(ledger)) report({ kind: "refused", what });
  const log = readLog(ledger.replay, report);
  const told = new Set<string>();
  let received = 0;
  for (const device of ledger.devices) {
    received += judgeDevice(device, log, report, told);
  }
  const runs = judgeRuns(ledger, log.events, (runId, what) => report({ kind: "run", runId, what }));
  return { violations, runs, acknowledged: told.size, received };
}

/** Every word that reached the user, whatever it is, is looked through for the secrets of others. */
function scanForForeign({ canary, devices, replay, words }: UserLedger, report: Report): void {
  const scan = (device: string, text: string): void => {
    const foreign = canariesIn(text).find((found) => found !== canary);
    if (foreign === undefined) return;
    report({ kind: "misdelivered", device, what: `received ${foreign}: ${text.slice(0, 300)}` });
  };
  for (const { name, stints } of devices) {
    for (const { frames } of stints) for (const frame of frames) scan(name, frame);
  }
  for (const frame of replay) scan("replay", frame);
  for (const word of words) scan("words", word);
}

function readLog(frames: readonly string[], report: Report): Log {
  const events = frames.map((frame) => JSON.parse(frame) as ReceivedEvent);
  const indexOf = new Map<string, number>();
  for (const [index, { metadata }] of events.entries()) {
    const { position, runId } = metadata;
    if (indexOf.has(position)) {
      report({ kind: "duplicated", device: "replay", position, runId, what: "twice in the log" });
    }
    indexOf.set(position, index);
  }
  return { events, frames, indexOf };
}

function judgeDevice(
  { name, stints }: DeviceLedger,
  log: Log,
  report: Report,
  told: Set<string>,
): number {
  const seen = new Set<string>();
  const reportHere: Report = (violation) => report({ device: name, ...violation });
  let next = 0;
  let received = 0;
  for (const [index, stint] of stints.entries()) {
    next = beginOf(stint, log, index === 0 ? undefined : next, reportHere);
    for (const frame of stint.frames) {
      next = judgeFrame(frame, { log, seen, next }, reportHere);
      received += 1;
    }
  }
  for (const position of seen) told.add(position);
  const missing = log.events.length - next;
  if (stints.length > 0 && missing > 0) {
    const { position, runId } = (log.events[next] as ReceivedEvent).metadata;
    reportHere({ kind: "lost", position, runId, what: `the last ${missing} events never came` });
  }
  return received;
}

/** The index of the first event that the stint owes; `expected` is where the one before left off. */
function beginOf(
  { after, from, resume }: Stint,
  log: Log,
  expected: number | undefined,
  report: Report,
): number {
  // Of a log that nobody was told anything of, nothing can be lost.
  const isReset = resume.startsWith("reset") && expected !== undefined && expected > 0;
  if (isReset) report({ kind: "reset", position: from, what: `told ${resume}` });
  // A position of no event is the one before the first.
  const begin = (log.indexOf.get(from) ?? -1) + 1;
  if (after !== undefined && after !== "oldest" && from !== after && resume === "resumed") {
    report({ kind: "lost", position: after, what: `resumed after ${from} instead` });
  }
  if (expected !== undefined && begin > expected) {
    report({ kind: "lost", position: from, what: `skipped ${begin - expected} events` });
  }
  return begin;
}

interface Reading {
  readonly log: Log;
  readonly seen: Set<string>;
  readonly next: number;
}

/** Answers the index of the event that is owed next. */
function judgeFrame(frame: string, { log, seen, next }: Reading, report: Report): number {
  const event = JSON.parse(frame) as ReceivedEvent;
  const { position, runId } = event.metadata;
  const index = log.indexOf.get(position);
  const about = { position, runId };
  if (seen.has(position)) {
    report({ kind: "duplicated", ...about, what: "came twice" });
    return next;
  }
  seen.add(position);
  if (index === undefined) {
    report({ kind: "lost", ...about, what: `was told, and is not in the log: ${frame}` });
    return next;
  }
  const kept = log.frames[index] as string;
  if (frame !== kept && !isDeepStrictEqual(event, log.events[index])) {
    report({ kind: "altered", ...about, what: `was ${frame}, and is ${kept}` });
  }
  if (index > next) report({ kind: "lost", ...about, what: `${index - next} events before it` });
  if (index < next) report({ kind: "reordered", ...about, what: "came after its successor" });
  return Math.max(next, index + 1);
}
