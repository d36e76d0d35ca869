import type { UserContext } from "../context/user-context.ts";

/** A line of a user's log before it has a number. `frame` is the event as JSON text, ready to be sent. */
export type NewRecord = {
  readonly threadId: string;
  readonly runId: string;
  readonly frame: string;
} & ({ readonly kind: "begin"; readonly agentName: string } | { readonly kind: "event" | "end" });

/** A line of a user's log. */
export interface LogRecord {
  /** 1, 2, 3 … over all runs of the user, without a gap. */
  readonly seq: number;
  readonly threadId: string;
  readonly runId: string;
  readonly frame: string;
}

/** What a log knows of a run for as long as it keeps it. */
export interface LoggedRun {
  readonly runId: string;
  readonly threadId: string;
  readonly agentName: string;
  /** The number of its first record, which may have been trimmed since. */
  readonly firstSeq: number;
  /** The number of its last record; `undefined` while it has no end. */
  readonly lastSeq: number | undefined;
  /** Another handle that is open writes it: it goes on elsewhere. */
  readonly isHeld?: true;
}

/** Whether the writer's place is one handle's alone, or that of all which share it. */
export type Sharing = "alone" | "shared";

/** How much to read at once; a page has at least one record if there is any. */
export interface PageSize {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/**
 * One user's append-only log, opened for writing. Numbers are the log's to give: `seq` counts up by
 * one from 1 for as long as `epoch` stays.
 *
 * There is one writer a user. Opening takes the writer's place from whoever had it: with a handle that
 * is not the last opened, or whose log was erased, `append` MUST reject with WT_LOG_FENCED and write
 * nothing; `read` and `runs` reject with the same, as the numbers may be of another epoch by now.
 *
 * Handles that were opened as `shared` have the place together; only one that was not, or an erasure,
 * takes it from them. Each run is held by the handle that began it, and is let go of when that one
 * closes or is fenced. Opening as `shared` MUST take hold of every run without an end that nobody
 * holds; `append` MUST reject with WT_LOG_FENCED, writing nothing, if a record is of a run that another
 * handle holds.
 */
export interface UserEventLog {
  readonly user: UserContext;
  /** Changes when numbers begin anew: the log is new, was erased, or lost records that it had told of. */
  readonly epoch: string;
  /** What this user's cursors are signed with; the same for as long as the store lives. 32 bytes. */
  readonly cursorKey: Uint8Array;
  /** The number of the oldest record that is kept; `last + 1` if there is none. */
  readonly first: number;
  /** The number of the newest record; 0 if there never was one. */
  readonly last: number;
  /**
   * Writes the records, in this order and all or none, numbers them, and trims the log to its
   * retention, which MUST leave the newest record. Answers the number of the first one. Resolves when
   * a crash of this process can't lose them any more, calls that were made first first. MUST reject
   * with WT_RUN_CONFLICT, writing nothing, if a `begin` is of a run that the log knows, and with
   * WT_LOG_UNWRITABLE, writing nothing, if the records can't be stored now; a later call may succeed.
   */
  append(records: readonly NewRecord[]): Promise<number>;
  /**
   * The records after number `after`, oldest first. MUST reject with WT_LOG_TRIMMED if some of them
   * were trimmed: never a silent gap.
   */
  read(after: number, page: PageSize): Promise<readonly LogRecord[]>;
  /**
   * The runs that the log knows, oldest first: all without an end, and ended ones while any record is
   * kept; what another handle holds is said to be held.
   */
  runs(): Promise<readonly LoggedRun[]>;
  /**
   * Lets go of the writer's place, once what was appended before is written. Idempotent. What is
   * asked of the handle after rejects with WT_SCOPE_DISPOSED.
   */
  close(): Promise<void>;
}

/**
 * The logs of all users. Every key has the user in it: there is no way to ask for a record, run or
 * thread without saying whose. Implementations pass `test/conformance/event-log.ts`.
 */
export interface EventLog extends AsyncDisposable {
  /** Nodes may share a user's log. Default: no; then `open` is never asked for a `shared` one. */
  readonly isShareable?: boolean;
  /**
   * Opens the user's log, `alone` unless said otherwise, new if there is none. Rejects with
   * WT_LOG_UNREADABLE, naming the place, if it is torn.
   */
  open(user: UserContext, sharing?: Sharing): Promise<UserEventLog>;
  /** Forgets everything of the user; the next log has another epoch. An open handle is fenced. */
  erase(user: UserContext): Promise<void>;
}

/**
 * What is kept of one user; whatever is over any of the three is trimmed, oldest first. The newest
 * record goes by age only. A log of which nothing is left may be forgotten while nobody has it open:
 * then it is new, with another epoch, when somebody opens it.
 */
export interface Retention {
  /** Default: 10,000. */
  readonly maxRecords?: number;
  /** Bytes of frames. Default: 8 MiB. */
  readonly maxBytes?: number;
  /** Milliseconds. Default: 86,400,000 (24 hours). */
  readonly maxAgeMs?: number;
}
