import type { Interrupt, RunAgentInput } from "@ag-ui/core";
import type { UserContext } from "../context/user-context.ts";
import type { Scope } from "../scope/scope.ts";
import type { AgentEvent } from "../protocol/events.ts";

/** What an agent knows of the run that it is in. */
export interface AgentContext {
  readonly user: UserContext;
  readonly threadId: string;
  readonly runId: string;
  /**
   * What the proof with which the run was asked for allows its bearer; `undefined` if it does not say.
   * It is for the agent to mind: a run that a cookie or a ticket asked for may be allowed less than
   * another one of the same user.
   */
  readonly scopes: readonly string[] | undefined;
  /** Aborted when the run has ended for any reason; what the agent yields after that is dropped. */
  readonly signal: AbortSignal;
  /** A sign of life from within the agent's work, when it has nothing to say for a while. */
  readonly progress: () => void;
  /**
   * Says how many tokens the agent has used since it said so last: they count against the user's
   * budget. Throws WT_OPTION_INVALID for what is no whole number from 0.
   */
  readonly reportUsage: (tokens: number) => void;
  /** The run's scope, for a container's `in(scope)`; absent where there is none, as in a worker or process. */
  readonly scope?: Scope<"run">;
}

/**
 * What an agent may return: what the run came to, which MUST be writable as JSON, or the questions, at
 * least one, that a person must answer before a new run, with `input.resume`, can go on.
 */
export type AgentReturn = { readonly result?: unknown } | { readonly interrupts: Interrupt[] };

/**
 * An agent: takes what the user said, yields AG-UI events. It MUST NOT yield RUN_… events, nor events
 * of another run: the runtime begins and ends runs. Returning ends the run, well or as interrupted;
 * throwing ends it as failed, and the error goes to the operator, never over the wire. It is asked for
 * its next event when the last one has been taken; when the run has ended its iterator's `return` is
 * called, once, and not waited for.
 */
export type Agent = (
  input: RunAgentInput,
  context: AgentContext,
) => AsyncIterable<AgentEvent, AgentReturn | void>;
