import type { Connection } from "../connection/connection.ts";
import { MAX_TIMER_MS } from "../internal/options.ts";
import { CLOSE } from "../protocol/close-codes.ts";

const SECOND_MS = 1000;

/**
 * Closes the connection when the proof of who it belongs to has expired. Timers run for whole
 * seconds until the last one: Node keeps a list for each different length, for as long as it is, and a
 * list of its own for each user would outlive the user by an hour.
 */
export function closeAt(expiresAt: number, connection: Connection): void {
  if (expiresAt === Number.POSITIVE_INFINITY) return;
  const check = (): void => {
    const leftMs = expiresAt - Date.now();
    if (leftMs <= 0) return connection.close(CLOSE.proofExpired);
    const wholeMs = leftMs - (leftMs % SECOND_MS);
    const waitMs = wholeMs === 0 ? leftMs : Math.min(wholeMs, MAX_TIMER_MS);
    timer = setTimeout(check, waitMs).unref();
  };
  let timer: NodeJS.Timeout | undefined;
  check();
  void connection.closed.then(() => clearTimeout(timer));
}
