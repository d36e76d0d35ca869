import { WatertightError } from "../errors.ts";

/** Another handle of the same log was opened, or the log was erased. */
export function fencedError(): WatertightError {
  return new WatertightError(
    "WT_LOG_FENCED",
    "Expected the handle that was opened last, got one that was replaced, or whose log was erased. Let go of it and open the log again.",
  );
}

/** The handle or the store is closed. */
export function closedError(): WatertightError {
  return new WatertightError(
    "WT_SCOPE_DISPOSED",
    "Expected an open log, got one that is closed or whose store is disposed. Open it again.",
  );
}

/** A reader stands before the oldest record that is kept. */
export function trimmedError(after: number, first: number): WatertightError {
  return new WatertightError(
    "WT_LOG_TRIMMED",
    `Expected to read from record ${after + 1} on, but the oldest that is kept is ${first}. Begin anew from there, and tell the reader.`,
  );
}

/** A run of that id has begun before. */
export function runConflictError(): WatertightError {
  return new WatertightError(
    "WT_RUN_CONFLICT",
    "Expected a `begin` of a new run, got one of a run that the log knows. Nothing was written. Use a new run id.",
  );
}

/** What is stored is no log, or was damaged. */
export function unreadableError(place: string, found: string, cause?: unknown): WatertightError {
  return new WatertightError(
    "WT_LOG_UNREADABLE",
    `Expected a log that can be read in ${place}, found ${found}. Restore the folder from a backup and open it with \`newEpoch: true\`, or move it away: then all logs begin anew.`,
    { cause },
  );
}

/** The records could not be stored. */
export function unwritableError(place: string, cause: unknown): WatertightError {
  const found = cause instanceof Error ? cause.message : String(cause);
  return new WatertightError(
    "WT_LOG_UNWRITABLE",
    `Expected to write to the log in ${place}, got: ${found}. Nothing of it was written and nothing is lost. See whether the disk is full; it works again as soon as there is room.`,
    { cause },
  );
}
