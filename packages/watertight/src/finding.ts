/** The three answers a check can give. Inconclusive is never green. */
export type Verdict = "passed" | "failed" | "inconclusive";

/**
 * How strong the evidence of a finding is; each of the first three fails its check. `proved`: it happened,
 * over the wire. `shared`: one place in the process serves several users. `retained`: data of a user who
 * left is still held. A finding below `proved` says in `lacks` what it lacks. `exposed`: it can be read where
 * operators read, and reached no user; it fails nothing.
 */
export type Tier = "proved" | "shared" | "retained" | "exposed";

/** What went wrong, one word each; the glossary of kinds is in docs/findings.md. */
export type FindingKind =
  | "leak"
  | "swap"
  | "outbound-leak"
  | "logged"
  | "loss"
  | "duplicate"
  | "reorder"
  | "unexpected"
  | "foreign-access"
  | "blocked"
  | "missing-death"
  | "wrong-death"
  | "shared-instance"
  | "shared-state"
  | "split-scope"
  | "retained"
  | "heap-growth"
  | "handle-leak"
  | "contention"
  | "cost-per-user"
  | "unfair"
  | "memory-per-user"
  | "crash";

/**
 * One received frame or body, as the receiving user saw it. `index` counts from 0 per connection. Of a
 * message that left the target: `connection` is the sink, `user` whom the message is for.
 */
export interface FrameEvidence {
  readonly user: string;
  readonly connection: string;
  readonly index: number;
  readonly type: string;
  /** Milliseconds since the pattern began. */
  readonly receivedAtMs: number;
  /** At most 240 characters around the place that matters. */
  readonly excerpt: string;
}

/** Where in a frame whose canary was found, and in which form it was written there. */
export interface CanaryEvidence {
  readonly owner: string;
  readonly label: string;
  readonly token: string;
  readonly encoding: "plain" | "base64" | "hex" | "utf-16";
  /** Byte offset in the frame. */
  readonly offset: number;
}

/** The place in the target's source that holds data of several users. Line and column count from 1. */
export interface Holder {
  readonly kind:
    | "module variable"
    | "static"
    | "private static"
    | "export"
    | "closure variable"
    | "global"
    | "instance";
  readonly variable: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** How many users' canaries can be reached from it. */
  readonly users: number;
  /** The way from the variable to a canary, for example `connections → Map(50) → value.userId`. */
  readonly path: string;
}

/** A number that was measured, and the limit that it crossed or kept. */
export interface Measurement {
  /** What was measured, in words: `heap growth per user who left`. */
  readonly name: string;
  readonly value: number;
  /** Bounds of a 95 % interval, where the number is an estimate. */
  readonly low?: number;
  readonly high?: number;
  readonly unit: "ms" | "µs" | "B" | "MB" | "×" | "%" | "";
  readonly limit?: number;
}

/** How often something happens: `failed` of `of` tries. */
export interface Rate {
  readonly failed: number;
  readonly of: number;
}

/** How often a finding comes back: under the same delays, and with users one after another. */
export interface Reproduction {
  readonly delayed: Rate;
  readonly oneAfterAnother: Rate;
}

/** The least that still shows a finding, each try in a process of its own where the server can be started again. */
export interface Smallest {
  /** Names of the users who suffice. */
  readonly users: readonly string[];
  /** Numbers of the scenario's steps that suffice, from 1; not there if it is a single function. */
  readonly steps?: readonly number[];
  readonly again: Rate;
  /** The sequential control: the same users and steps, one user at a time. */
  readonly oneAfterAnother: Rate;
}

/** The seeded schedule under which something happened. */
export interface PatternRef {
  readonly name: string;
  readonly seed: number;
}

/** What a check reports: who, what, where, how to see it again. Plain data. */
export interface Finding {
  /** `wt-` and six hex digits; the same check, kind and pair of users give the same id in every run. */
  readonly id: string;
  readonly check: string;
  readonly kind: FindingKind;
  readonly tier: Tier;
  /** One sentence, names the users by their short names. */
  readonly title: string;
  readonly from?: string;
  readonly to?: string;
  readonly occurrences: number;
  readonly frame?: FrameEvidence;
  readonly canary?: CanaryEvidence;
  /** What was expected instead, for findings about order and number. */
  readonly expected?: string;
  readonly heldIn: readonly Holder[];
  readonly pattern: PatternRef;
  /** Milliseconds from the beginning of the first round until it was known, where a round showed it. */
  readonly seenAtMs?: number;
  /** The command that shows it again. */
  readonly replay: string;
  /** What to do about it: a sentence, and a page of docs/fixes. */
  readonly fix: { readonly text: string; readonly page: string };
  readonly lacks?: string;
  /** A line that was printed, in which of each secret only the start can be read. */
  readonly example?: string;
  readonly measured?: readonly Measurement[];
  readonly reproduction?: Reproduction;
  readonly smallest?: Smallest;
}
