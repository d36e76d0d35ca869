import { WatertightError } from "../errors.ts";

/** The most characters of a cause that the owner of a run is told. */
const MAX_CAUSE_LENGTH = 200;

/**
 * Thrown out of an agent's iterator, it ends the run as died instead of failed. `cause` is told to the
 * run's owner: it MUST carry no internals. `error` is what lies behind it, for the operator alone.
 */
export class AgentDiedError extends WatertightError {
  override readonly cause: string;
  readonly error: unknown;

  constructor(cause: string, error?: unknown) {
    const told = cause.slice(0, MAX_CAUSE_LENGTH);
    super("WT_AGENT_DIED", `Expected an agent to live until it returns, it died: ${told}.`);
    this.cause = told;
    this.error = error;
  }

  /** Recognises a death, also from a second copy of this package. */
  static override is(value: unknown): value is AgentDiedError {
    return (
      WatertightError.is(value) && value.code === "WT_AGENT_DIED" && typeof value.cause === "string"
    );
  }
}
