import type { OnError } from "../internal/on-error.ts";
import type { LogRecord, Sharing } from "./event-log.ts";

/** What became of a record: it has a number now, or it is not in the log and nobody will get it. */
export type AppendResult =
  | { readonly status: "logged"; readonly seq: number }
  | { readonly status: "refused"; readonly reason: AppendRefusal };

/** Why a record is not in the log: too many wait for it, it can't be written, or it was closed. */
export type AppendRefusal = "log-behind" | "log-failed" | "disposed";

/** Hears of records once they can't be lost any more, in order; must not throw and must not wait. */
export type Follower = (records: readonly LogRecord[]) => void;

/** How a stream is held to its size and whom it tells; every limit has a default. */
export interface UserStreamOptions {
  /** Records that may wait for the log; one more is refused. Default: 10,000. */
  readonly maxPendingRecords?: number;
  /** How the user's log is opened. Default: `alone`. */
  readonly sharing?: Sharing;
  /** What is waited for before the log is opened. Default: nothing. */
  readonly after?: Promise<void> | undefined;
  /** Called with the number of the newest record whenever this stream has written; must not throw. */
  readonly onWritten?: ((last: number) => void) | undefined;
  readonly onError: OnError;
}

/** The options, with defaults. */
export type ResolvedStreamOptions = Required<Omit<UserStreamOptions, "after" | "onWritten">> &
  Pick<UserStreamOptions, "after" | "onWritten">;
