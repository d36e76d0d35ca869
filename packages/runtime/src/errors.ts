/** Every error that the runtime throws at the programmer; one heading each in docs/errors.md. */
export type ErrorCode =
  | "WT_OPTION_INVALID"
  | "WT_ID_INVALID"
  | "WT_CONTEXT_FORGED"
  | "WT_OWNER_MISMATCH"
  | "WT_SCOPE_DISPOSED"
  | "WT_SCOPE_NESTING"
  | "WT_CONNECTION_LIMIT"
  | "WT_RUN_LIMIT"
  | "WT_RUN_UNKNOWN"
  | "WT_RUN_CONFLICT"
  | "WT_EVENT_INVALID";

/**
 * An error of the runtime. The message says what was expected, what was found and what to do; it
 * names ids at most, never a user's data.
 */
export class WatertightError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  override get name(): string {
    return "WatertightError";
  }

  /** Recognises an error of the runtime by name, also from a second copy of this package. */
  static is(value: unknown): value is WatertightError {
    return value instanceof Error && value.name === "WatertightError" && "code" in value;
  }
}
