import type { RunAgentInput } from "@ag-ui/core";
import type { Agent } from "@watertight-examples/agents";
import { getAgentWebSocketBridge } from "./agent-web-socket-bridge.ts";

/** An agent, its name, and what it is asked. */
export interface AgentTask {
  readonly agent: Agent;
  readonly agentName: string;
  readonly input: RunAgentInput;
  /** An agent that is silent for longer is dead. */
  readonly progressTimeoutMs: number;
}

/** Lets an agent work and tells the bridge about it; resolves when the run has ended, and never rejects. */
export async function runAgent(task: AgentTask, signal: AbortSignal): Promise<void> {
  const { agentName, input, progressTimeoutMs } = task;
  const { runId } = input;
  const bridge = getAgentWebSocketBridge();
  bridge.agentStarted(runId, { agentName });
  try {
    const ending = await play(task, signal);
    if (ending === "finished") bridge.agentCompleted(runId);
    else if (ending === "cancelled") bridge.agentCompleted(runId, { type: "cancelled" });
    else bridge.agentDeath(runId, `no progress for ${progressTimeoutMs} ms`);
  } catch (error) {
    console.error(`Agent "${agentName}":`, error);
    bridge.agentError(runId, `Agent "${agentName}" failed.`);
  }
}

type Ending = "finished" | "cancelled" | "died";

/** A hung agent never answers: its run ends without it. */
async function play(task: AgentTask, signal: AbortSignal): Promise<Ending> {
  const { agent, input, progressTimeoutMs } = task;
  const { runId } = input;
  let interrupt: (ending: Ending) => void = () => {};
  const interrupted = new Promise<Ending>((resolve) => (interrupt = resolve));
  const silence = setTimeout(() => interrupt("died"), progressTimeoutMs);
  signal.addEventListener("abort", () => interrupt("cancelled"), { once: true });
  const progress = (): void => void silence.refresh();
  const events = agent(input, { runId, signal, progress })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([events.next(), interrupted]);
      if (typeof next === "string") return next;
      if (next.done === true) return "finished";
      progress();
      await getAgentWebSocketBridge().publish(runId, next.value);
    }
  } finally {
    clearTimeout(silence);
  }
}
