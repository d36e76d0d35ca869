import type { UserStream } from "../event-log/user-stream.ts";
import type { ResumeAnswer } from "../protocol/frames.ts";

/** Where a connection begins in its user's log, and what it is told of that. */
export interface Start {
  readonly after: number;
  readonly resume: ResumeAnswer;
}

/** What a client asks for that wants everything that is kept. */
const OLDEST = "oldest";

/**
 * Finds where a connection begins that says it has had everything up to `cursor`: after it if the log
 * goes on there, else with the oldest record that is kept, and the client is told why. Without a
 * cursor it begins with what comes next. `undefined` for a cursor that this user was never given.
 */
export function findStart(stream: UserStream, cursor: string | null): Start | undefined {
  const { first, last } = stream;
  if (cursor === null || cursor === "") return { after: last, resume: { status: "live" } };
  if (cursor === OLDEST) return { after: first - 1, resume: { status: "resumed" } };
  const read = stream.readCursor(cursor);
  if (read.status === "refused") return undefined;
  const reset = (reason: "trimmed" | "rolled-back" | "new-log"): Start => {
    return { after: first - 1, resume: { status: "reset", reason } };
  };
  if (read.status === "other-epoch") return reset("new-log");
  if (read.seq > last) return reset("rolled-back");
  if (read.seq < first - 1) return reset("trimmed");
  return { after: read.seq, resume: { status: "resumed" } };
}
