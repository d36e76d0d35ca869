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
  | "WT_RUN_QUEUE_FULL"
  | "WT_THREAD_BUSY"
  | "WT_EVENT_INVALID"
  | "WT_AGENT_DIED"
  | "WT_SESSION_STORE_BUSY"
  | "WT_PROVIDER_CAPTIVE"
  | "WT_PROVIDER_CYCLE"
  | "WT_PROVIDER_UNKNOWN"
  | "WT_PROVIDER_SHARED"
  | "WT_LOG_FENCED"
  | "WT_LOG_TRIMMED"
  | "WT_LOG_LOCKED"
  | "WT_LOG_UNREADABLE"
  | "WT_RUN_REFUSED"
  | "WT_EVENTS_MISSING"
  | "WT_READER_BEHIND"
  | "WT_CLIENT_CLOSED"
  | "WT_LOG_UNWRITABLE"
  | "WT_MESSAGE_INVALID";

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
