import { setTimeout as wait } from "node:timers/promises";
import { EventType, type RunAgentInput } from "@ag-ui/core";
import { type AgentContext, type AgentEvent, forwardedProp, questionIn } from "./agent.ts";
import { speak } from "./speech.ts";

const STEPS: readonly string[] = Object.freeze(["gather", "compare", "check", "write"]);
const DEFAULT_STEP_MS = 200;
const MAX_STEP_MS = 10_000;
const BREATH_MS = 100;

/**
 * An agent that takes its time: four steps of `forwardedProps.stepMs` each (default 200, at most
 * 10,000), then an answer. It breathes while it works and stops soon after its signal is aborted.
 */
export async function* slow(
  input: RunAgentInput,
  context: AgentContext,
): AsyncGenerator<AgentEvent> {
  const stepMs = stepMsOf(input);
  for (const stepName of STEPS) {
    yield { type: EventType.STEP_STARTED, stepName };
    await work(stepMs, context);
    if (context.signal.aborted) return;
    yield { type: EventType.STEP_FINISHED, stepName };
  }
  yield* speak(`You asked: ${questionIn(input)}\n\nAfter ${STEPS.length} steps: done.`);
}

async function work(stepMs: number, context: AgentContext): Promise<void> {
  for (let leftMs = stepMs; leftMs > 0 && !context.signal.aborted; leftMs -= BREATH_MS) {
    await wait(Math.min(BREATH_MS, leftMs));
    context.progress();
  }
}

function stepMsOf(input: RunAgentInput): number {
  const asked = Number(forwardedProp(input, "stepMs") ?? DEFAULT_STEP_MS);
  return Number.isNaN(asked) ? DEFAULT_STEP_MS : Math.min(Math.max(asked, 0), MAX_STEP_MS);
}
