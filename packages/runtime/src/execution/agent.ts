import type { RunAgentInput } from "@ag-ui/core";
import type { UserContext } from "../context/user-context.ts";
import type { AgentEvent } from "../protocol/events.ts";

/** What an agent knows of the run that it is in. */
export interface AgentContext {
  readonly user: UserContext;
  readonly threadId: string;
  readonly runId: string;
  /** Aborted when the run has ended for any reason; what the agent yields after that is dropped. */
  readonly signal: AbortSignal;
  /** A sign of life from within the agent's work, when it has nothing to say for a while. */
  readonly progress: () => void;
}

/**
 * An agent: takes what the user said, yields AG-UI events. It MUST NOT yield RUN_… events: the
 * runtime begins and ends runs. Returning ends the run well; throwing ends it as failed, and the
 * error goes to the operator, never over the wire.
 */
export type Agent = (input: RunAgentInput, context: AgentContext) => AsyncIterable<AgentEvent>;
