import type { RunAgentInput } from "@ag-ui/core";
import type { Agent, AgentContext, AgentEvent } from "../src/agent.ts";

/** A request with one question of the user. */
export function inputOf(
  question: string,
  forwardedProps: Readonly<Record<string, unknown>> = {},
): RunAgentInput {
  const messages = [{ id: "m1", role: "user" as const, content: question }];
  return { threadId: "t1", runId: "r1", messages, tools: [], context: [], forwardedProps };
}

/** A context that nothing aborts, and which counts the signs of life. */
export function createContext(
  signal: AbortSignal = new AbortController().signal,
): AgentContext & { readonly beats: () => number } {
  let beats = 0;
  return {
    runId: "r1",
    signal,
    progress: () => {
      beats += 1;
    },
    beats: () => beats,
  };
}

/** Everything that an agent says to a request. */
export async function ask(
  agent: Agent,
  input: RunAgentInput,
  context: AgentContext = createContext(),
): Promise<AgentEvent[]> {
  const events: AgentEvent[] = [];
  for await (const event of agent(input, context)) events.push(event);
  return events;
}

/** The streamed text, put together again. */
export function textOf(events: readonly AgentEvent[]): string {
  return events.map((event) => (event.type === "TEXT_MESSAGE_CONTENT" ? event.delta : "")).join("");
}
