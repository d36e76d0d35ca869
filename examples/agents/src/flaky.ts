import { EventType, type RunAgentInput } from "@ag-ui/core";
import { type AgentEvent, forwardedProp, questionIn } from "./agent.ts";
import { speak } from "./speech.ts";

/**
 * An agent to see how the ends of a run are told: `forwardedProps.ending` is `finish` (the default),
 * `throw`, or `hang`, which neither makes progress nor listens to its signal ever again.
 */
export async function* flaky(input: RunAgentInput): AsyncGenerator<AgentEvent> {
  const stepName = "the end";
  yield* speak(`You asked: ${questionIn(input)}`);
  yield { type: EventType.STEP_STARTED, stepName };
  const ending = forwardedProp(input, "ending");
  if (ending === "throw") throw new Error("The flaky agent was asked to fail.");
  if (ending === "hang") await new Promise<never>(() => {});
  yield { type: EventType.STEP_FINISHED, stepName };
}
