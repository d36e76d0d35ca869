import type { FindingKind } from "watertight";

/** A change of one file: `find` stands there exactly once and becomes `replace`. */
export interface Change {
  /** From `packages/runtime/src`, for example `connection/web-socket-manager.ts`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A small, believable way to break the runtime, and the check that must notice. */
export interface Mutant {
  readonly name: string;
  /** What a user of the broken back end suffers, one sentence. */
  readonly breaks: string;
  /** The check that kills it, for example `2.1`. */
  readonly killedBy: string;
  /** The kind of finding that the check must report: killed for the right reason. */
  readonly as: FindingKind;
  readonly changes: readonly Change[];
}
