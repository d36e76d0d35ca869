import { WatertightError } from "../errors.ts";

/** Events of a run are missing and can't be had any more. */
export function missingError(why: string): WatertightError {
  return new WatertightError(
    "WT_EVENTS_MISSING",
    `Expected every event of the run, ${why}. Load what the run came to from where your app keeps it, or start a new run.`,
  );
}

/** Somebody who reads events has left too many unread. */
export function behindError(limit: number): WatertightError {
  return new WatertightError(
    "WT_READER_BEHIND",
    `Expected at most ${limit} unread events, got one more. Read faster, or raise \`maxUnreadEvents\`.`,
  );
}

/** The client is closed. */
export function closedError(why: string): WatertightError {
  return new WatertightError(
    "WT_CLIENT_CLOSED",
    `Expected an open client, ${why}. Make a new one with createClient().`,
  );
}

/** The server did not start the run. */
export function refusedError(code: string, message: string): WatertightError {
  return new WatertightError(
    "WT_RUN_REFUSED",
    `The server did not start the run: ${code}. ${message}`,
  );
}

/** An option is not what it must be. */
export function invalidOption(
  name: string,
  expected: string,
  options?: ErrorOptions,
): WatertightError {
  return new WatertightError(
    "WT_OPTION_INVALID",
    `Expected \`${name}\` to be ${expected}`,
    options,
  );
}
