import type { OnError } from "../internal/on-error.ts";
import type { Logger } from "./logger.ts";

/** Answers `onError` so that a line is logged too: where it failed and what kind of error, no more. */
export function logErrors(logger: Logger, onError: OnError): OnError {
  return (error, where) => {
    const { name = typeof error, code } = Object(error) as {
      readonly name?: string;
      readonly code?: unknown;
    };
    logger.error({ ...where, name, ...(typeof code === "string" ? { code } : {}) }, "failure");
    onError(error, where);
  };
}
