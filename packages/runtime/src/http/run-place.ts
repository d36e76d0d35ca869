import type { UserStream } from "../event-log/user-stream.ts";
import { HttpRefusal } from "./http-refusal.ts";

/** Where a stream of one run begins in its user's log. */
export interface RunPlace {
  readonly after: number;
  /** The run has ended and nothing of it comes after that. */
  readonly isOver: boolean;
}

/** What a client asks for that is content with what is kept. */
const OLDEST = "oldest";

/**
 * Finds where the stream of a run begins for a client that says it has had everything up to `cursor`;
 * without, at the run's first event. `undefined` for a run that this user's log does not know. Throws
 * CURSOR_REFUSED for a cursor that this user was never given, EVENTS_GONE if events are missing.
 */
export function findRunPlace(
  stream: UserStream,
  runId: string,
  cursor: string | undefined,
): RunPlace | undefined {
  const named = cursor === undefined || cursor === OLDEST ? undefined : readCursor(stream, cursor);
  const run = stream.findRun(runId);
  if (run === undefined) return undefined;
  // A run that is being written has no number yet.
  const before = Math.min(run.firstSeq - 1, stream.last);
  const kept = stream.first - 1;
  const after = Math.max(named ?? (cursor === OLDEST ? kept : before), before);
  if (after < kept) throw eventsGone();
  return { after, isOver: run.lastSeq !== undefined && after >= run.lastSeq };
}

function readCursor(stream: UserStream, cursor: string): number {
  const read = stream.readCursor(cursor);
  if (read.status === "refused") throw cursorRefused();
  if (read.status === "other-epoch" || read.seq > stream.last) throw eventsGone();
  return read.seq;
}

/** The refusal of a position that is forged, torn, or somebody else's. */
export function cursorRefused(): HttpRefusal {
  return new HttpRefusal("CURSOR_REFUSED", "Expected a position that this user was given.");
}

/** The refusal when events that were asked for are not kept any more. */
export function eventsGone(): HttpRefusal {
  return new HttpRefusal(
    "EVENTS_GONE",
    "Expected events that are kept, but some of those asked for are gone. Ask without a position, or with a new run id.",
  );
}
