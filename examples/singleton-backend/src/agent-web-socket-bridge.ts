import { type Event, EventType, type RunFinishedEvent } from "@ag-ui/core";
import type { AgentEvent } from "@watertight-examples/agents";
import { closingEvents } from "./closing-events.ts";
import { redactResult } from "./redact-result.ts";
import { getWebSocketManager } from "./web-socket-manager.ts";

/** A run, where it is heard, and who asked for it. */
export interface RunOpening {
  readonly runId: string;
  readonly threadId: string;
  readonly userId: string;
}

interface RunRoute {
  threadId: string;
  agentName: string;
  seq: number;
  /** What was said so far, for closing what is still open at the end. */
  readonly said: AgentEvent[];
}

type Outcome = NonNullable<RunFinishedEvent["outcome"]>;

const MAX_ROUTES = 10_000;

let bridgeInstance: AgentWebSocketBridge | undefined;

/** The process's bridge from agents to sockets. */
export function getAgentWebSocketBridge(): AgentWebSocketBridge {
  bridgeInstance ??= new AgentWebSocketBridge();
  return bridgeInstance;
}

/** Turns what agents do into AG-UI events and sends them where their run is heard. */
export class AgentWebSocketBridge {
  readonly #manager = getWebSocketManager();
  readonly #runToThread = new Map<string, RunRoute>();

  /** Remembers on which thread a run is heard; from now on its user takes part in that thread. */
  openRun({ runId, threadId, userId }: RunOpening): void {
    this.#manager.joinThread(threadId, userId);
    const known = this.#runToThread.get(runId);
    if (known === undefined) this.#remember(runId, createRoute(threadId));
    else known.threadId = threadId;
  }

  agentStarted(runId: string, { agentName }: { readonly agentName: string }): void {
    const route = this.#routeOf(runId);
    const { threadId } = route;
    route.agentName = agentName;
    this.#send(runId, { type: EventType.RUN_STARTED, threadId, runId, protocolVersion: "1.0" });
  }

  /** Sends one event of an agent. The results of tools are freed of secrets first. */
  async publish(runId: string, event: AgentEvent): Promise<void> {
    const route = this.#routeOf(runId);
    const thread = this.#manager.toThread(route.threadId);
    const clean = event.type === EventType.TOOL_CALL_RESULT ? await redactResult(event) : event;
    route.said.push(clean);
    thread.send(stamp(runId, route, clean));
  }

  agentCompleted(runId: string, outcome: Outcome = { type: "success" }): void {
    const { said, threadId } = this.#routeOf(runId);
    for (const event of closingEvents(said)) this.#send(runId, event);
    this.#send(runId, { type: EventType.RUN_FINISHED, threadId, runId, outcome });
  }

  agentError(runId: string, message: string): void {
    this.#send(runId, { type: EventType.RUN_ERROR, code: "AGENT_FAILED", message });
  }

  /** Agents are shared: whoever waits for this one should learn that it is down. */
  agentDeath(runId: string, cause: string): void {
    const route = this.#routeOf(runId);
    const message = `Agent "${route.agentName}" died: ${cause}.`;
    const event: Event = { type: EventType.RUN_ERROR, code: "AGENT_DIED", message };
    this.#manager.broadcast(stamp(runId, route, event));
  }

  #send(runId: string, event: Event): void {
    const route = this.#routeOf(runId);
    this.#manager.toThread(route.threadId).send(stamp(runId, route, event));
  }

  #remember(runId: string, route: RunRoute): void {
    this.#runToThread.set(runId, route);
    const [oldest] = this.#runToThread.keys();
    if (this.#runToThread.size > MAX_ROUTES && oldest !== undefined) {
      this.#runToThread.delete(oldest);
    }
  }

  /** A run that was forgotten may still tell its thread by its name: `thread_<thread>_run_<number>`. */
  #routeOf(runId: string): RunRoute {
    const known = this.#runToThread.get(runId);
    if (known !== undefined) return known;
    return createRoute(/^thread_(.+)_run_/.exec(runId)?.[1] ?? runId);
  }
}

function createRoute(threadId: string): RunRoute {
  return { threadId, agentName: "", seq: 0, said: [] };
}

/** Adds thread, run and number, in a copy. */
function stamp(runId: string, route: RunRoute, event: Event): Event {
  route.seq += 1;
  const { threadId, seq } = route;
  return { ...event, metadata: { ...event.metadata, threadId, runId, seq } };
}
