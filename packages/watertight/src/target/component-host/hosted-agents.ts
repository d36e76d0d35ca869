import { wait } from "../../internal/wait.ts";
import type { BridgePart, ComponentRun } from "./components.ts";

/** What an agent of the host gets to work with. */
export interface HostedTask {
  readonly run: ComponentRun & { readonly agentName: string };
  readonly text: string;
  readonly bridge: BridgePart;
  readonly signal: AbortSignal;
}

type HostedAgent = (task: HostedTask) => Promise<void>;

const STEP_MS = 300;
const STEPS = 4;

/** The agents of the host by name: `echo` answers at once, `slow` takes 1.2 s, `dying` is found dead. */
export const HOSTED_AGENTS: Readonly<Record<string, HostedAgent>> = Object.freeze({
  echo,
  slow,
  dying,
});

async function echo({ run, text, bridge }: HostedTask): Promise<void> {
  const toolCallId = `call-${run.runId}`;
  const messageId = `answer-${run.runId}`;
  await bridge.publish(run.runId, {
    type: "TOOL_CALL_START",
    toolCallId,
    toolCallName: "echo",
  });
  await bridge.publish(run.runId, {
    type: "TOOL_CALL_ARGS",
    toolCallId,
    delta: JSON.stringify({ text }),
  });
  await bridge.publish(run.runId, { type: "TOOL_CALL_END", toolCallId });
  await nextTurn();
  await bridge.publish(run.runId, {
    type: "TOOL_CALL_RESULT",
    messageId: `result-${run.runId}`,
    toolCallId,
    content: text,
  });
  await say(bridge, run.runId, messageId, text);
}

async function slow({ run, text, bridge, signal }: HostedTask): Promise<void> {
  for (let step = 1; step <= STEPS; step += 1) {
    await bridge.publish(run.runId, { type: "STEP_STARTED", stepName: `step ${step}` });
    await wait(STEP_MS, signal);
    if (signal.aborted) return;
    await bridge.publish(run.runId, { type: "STEP_FINISHED", stepName: `step ${step}` });
  }
  await say(bridge, run.runId, `answer-${run.runId}`, text);
}

/** Rejects with the sentence that a supervisor would give as the cause of death. */
async function dying({ run, bridge }: HostedTask): Promise<void> {
  await bridge.publish(run.runId, { type: "STEP_STARTED", stepName: "the last step" });
  await wait(STEP_MS);
  throw new AgentDeath(`no progress for ${STEP_MS} ms`);
}

/** An agent was found dead; the message is the cause. */
export class AgentDeath extends Error {}

async function say(
  bridge: BridgePart,
  runId: string,
  messageId: string,
  text: string,
): Promise<void> {
  await bridge.publish(runId, { type: "TEXT_MESSAGE_START", messageId, role: "assistant" });
  for (const word of text.split(/(?<= )/)) {
    await bridge.publish(runId, { type: "TEXT_MESSAGE_CONTENT", messageId, delta: word });
    await nextTurn();
  }
  await bridge.publish(runId, { type: "TEXT_MESSAGE_END", messageId });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
