import { ToolError } from "../errors.ts";
import { BrokenOff } from "./broken-off.ts";
import type { SuiteMessage } from "./messages.ts";

/** Tells the command line, if it is still there. */
export function tell(message: SuiteMessage): void {
  process.send?.(message);
}

/** Tells the command line why the suite could not work. */
export function tellError(thrown: unknown): void {
  const isBroken = thrown instanceof BrokenOff;
  const error = isBroken ? thrown.cause : thrown;
  const known = ToolError.is(error);
  const message = error instanceof Error ? error.message : String(error);
  tell({
    type: "error",
    ...(isBroken ? { soFar: thrown.soFar } : {}),
    code: known ? error.code : "WT_SUITE_DIED",
    message: known
      ? message
      : `Expected the suite to finish, but it failed: ${(error as Error).stack ?? message}`,
  });
}
