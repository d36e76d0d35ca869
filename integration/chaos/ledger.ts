import { createHmac } from "node:crypto";

/** One connection of a device: where it began, and every event that came over it, as text. */
export interface Stint {
  /** What the device asked for: `?after=`. */
  readonly after: string | undefined;
  /** What `ready` said: the position before the first event, and how the log went on there. */
  readonly from: string;
  readonly resume: string;
  readonly frames: string[];
}

/** Everything that one device was ever told. */
export interface DeviceLedger {
  readonly name: string;
  readonly stints: Stint[];
}

/** A run that a user asked for. */
export interface AskedRun {
  readonly threadId: string;
  isCancelled: boolean;
}

/** Everything that one user did and was told. */
export interface UserLedger {
  readonly userId: string;
  readonly canary: string;
  readonly devices: DeviceLedger[];
  readonly asked: Map<string, AskedRun>;
  /** What came that is no event: errors, goodbyes, refusals. */
  readonly words: string[];
  /** The user's whole log, read by a fresh device after everything. */
  replay: string[];
}

/** What an event says of its place. */
export interface Place {
  readonly threadId: string;
  readonly runId: string;
  readonly seq: number;
  readonly position: string;
}

/** An event as it came over the wire. */
export interface ReceivedEvent {
  readonly type: string;
  readonly metadata: Place;
  readonly [field: string]: unknown;
}

/** The secret of a user: `wtcanary` and 24 letters and digits, which nobody else may ever receive. */
export function canaryOf(seed: string, userId: string): string {
  const digest = createHmac("sha256", seed).update(userId).digest("hex");
  return `wtcanary${digest.slice(0, 24)}`;
}

/** The canaries in a text. */
export function canariesIn(text: string): readonly string[] {
  return text.match(/wtcanary[0-9a-f]{24}/g) ?? [];
}

/** Begins a user's ledger. */
export function openLedger(seed: string, userId: string): UserLedger {
  const canary = canaryOf(seed, userId);
  return { userId, canary, devices: [], asked: new Map(), words: [], replay: [] };
}
