import { setTimeout as delay } from "node:timers/promises";
import type { OnError } from "../internal/on-error.ts";
import { withWatchdog } from "../internal/watchdog.ts";
import type { Scope } from "../scope/scope.ts";
import type { Admission } from "./admission.ts";
import type { ResidentUsers } from "./resident-users.ts";

/** How a runtime is closed. */
export interface CloseOptions {
  /** Milliseconds that runs may go on. Default: 0. */
  readonly drainMs?: number;
}

/** What is closed, outermost first. */
export interface CloseParts {
  readonly app: Scope;
  readonly admission: Admission;
  readonly residents: ResidentUsers;
  readonly onError: OnError;
}

/** So often is looked whether the last run has ended. */
const DRAIN_LOOK_MS = 20;
/** So long may it take to write what is left. */
const LAST_EVENTS_MS = 5000;

/** Makes the call that closes a runtime: the door first, then runs, then what they said, then the lines. */
export function createClose(parts: CloseParts): (options?: CloseOptions) => Promise<void> {
  const { app, admission, residents, onError } = parts;
  return async ({ drainMs = 0 } = {}) => {
    admission.close();
    const patience = performance.now() + drainMs;
    while (residents.runs > 0 && performance.now() < patience) await delay(DRAIN_LOOK_MS);
    await withWatchdog(residents.endRuns(), LAST_EVENTS_MS, "Writing the last events").catch(
      (error: unknown) => onError(error, { stage: "close" }),
    );
    await app.dispose();
  };
}
