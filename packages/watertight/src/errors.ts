/** Every way in which the tool itself can fail; one heading each in docs/errors.md. */
export type ToolErrorCode =
  | "WT_USAGE"
  | "WT_TARGET_NOT_FOUND"
  | "WT_CONFIG_INVALID"
  | "WT_CONFIG_FAILED"
  | "WT_PORT_TAKEN"
  | "WT_TARGET_EXITED"
  | "WT_TARGET_NOT_READY"
  | "WT_TARGET_CRASHED"
  | "WT_PROBE_FAILED"
  | "WT_SELF_CHECK_FAILED"
  | "WT_SUITE_DIED"
  | "WT_BASELINE_UNREADABLE";

/**
 * The tool could not do its work; it says nothing about the target's isolation. The message states
 * what was expected, what was found, and what to do. The command line answers it with exit code 2.
 */
export class ToolError extends Error {
  readonly code: ToolErrorCode;

  constructor(code: ToolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  override get name(): string {
    return "ToolError";
  }

  /** Recognises a tool error by name, also from a second copy of this package. */
  static is(value: unknown): value is ToolError {
    return value instanceof Error && value.name === "ToolError" && "code" in value;
  }
}
