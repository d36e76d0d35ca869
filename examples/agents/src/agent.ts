import type {
  Event,
  RunAgentInput,
  RunErrorEvent,
  RunFinishedEvent,
  RunStartedEvent,
} from "@ag-ui/core";

/** An AG-UI event that an agent may say; the beginning and the end of a run are not its to tell. */
export type AgentEvent = Exclude<Event, RunStartedEvent | RunFinishedEvent | RunErrorEvent>;

/** What an agent is told about the run that it works for. */
export interface AgentContext {
  readonly runId: string;
  /** Aborted when nobody wants the answer any more. */
  readonly signal: AbortSignal;
  /** Says that the agent is alive while it has nothing to tell. */
  readonly progress: () => void;
}

/**
 * An agent answers one request as a stream of events. It keeps nothing between two calls, so one
 * agent serves every user. Both back ends accept this type as it stands: neither is imported here.
 */
export type Agent = (input: RunAgentInput, context: AgentContext) => AsyncIterable<AgentEvent>;

/** The text of the last message that the user wrote; "" when there is none. */
export function questionIn(input: RunAgentInput): string {
  const content = input.messages.findLast(({ role }) => role === "user")?.content ?? "";
  return typeof content === "string" ? content : textIn(content);
}

function textIn(content: unknown): string {
  const parts: readonly unknown[] = Array.isArray(content) ? content : [];
  return parts.map(textOfPart).join("");
}

function textOfPart(part: unknown): string {
  const isText = typeof part === "object" && part !== null && "text" in part;
  return isText ? String(part.text) : "";
}

/** A value from `forwardedProps`, whatever shape the client gave them; `undefined` without one. */
export function forwardedProp(input: RunAgentInput, name: string): unknown {
  const props: unknown = input.forwardedProps;
  if (typeof props !== "object" || props === null) return undefined;
  return Object.entries(props).find(([key]) => key === name)?.[1];
}
