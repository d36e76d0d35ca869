import type { Connection } from "../connection/connection.ts";
import { MAX_TIMER_MS } from "../internal/options.ts";
import { CLOSE } from "../protocol/close-codes.ts";

/** Closes the connection when the proof of who it belongs to has expired. */
export function closeAt(expiresAt: number, connection: Connection): void {
  if (expiresAt === Number.POSITIVE_INFINITY) return;
  const check = (): void => {
    const leftMs = expiresAt - Date.now();
    if (leftMs <= 0) return connection.close(CLOSE.proofExpired);
    timer = setTimeout(check, Math.min(leftMs, MAX_TIMER_MS)).unref();
  };
  let timer: NodeJS.Timeout | undefined;
  check();
  void connection.closed.then(() => clearTimeout(timer));
}
