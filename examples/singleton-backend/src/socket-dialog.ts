import type { Agent } from "@watertight-examples/agents";
import type { WebSocket } from "ws";
import { AgentExecutionRegistry } from "./agent-execution-registry.ts";
import { getAgentWebSocketBridge } from "./agent-web-socket-bridge.ts";
import { type ClientFrame, readFrame } from "./frames.ts";
import { runAgent } from "./run-agent.ts";

/** What a dialog may do and must keep to. */
export interface DialogOptions {
  readonly agents: Readonly<Record<string, Agent>>;
  readonly progressTimeoutMs: number;
  readonly maxMessagesPerSecond: number;
  readonly heartbeatMs: number;
}

const MAX_BAD_FRAMES = 10;

/** What one device of a user says, and the answers that go to this device alone. */
export class SocketDialog {
  readonly #socket: WebSocket;
  readonly #userId: string;
  readonly #options: DialogOptions;
  #badFramesInARow = 0;
  #messagesThisSecond = 0;
  #isAlive = true;

  constructor(socket: WebSocket, userId: string, options: DialogOptions) {
    this.#socket = socket;
    this.#userId = userId;
    this.#options = options;
  }

  /** Listens until the socket closes, and pings it. */
  begin(): void {
    const newSecond = setInterval(() => (this.#messagesThisSecond = 0), 1000);
    const heartbeat = setInterval(() => this.#beat(), this.#options.heartbeatMs);
    this.#socket.on("pong", () => (this.#isAlive = true));
    this.#socket.on("message", (data: Buffer, isBinary) => this.#receive(data, isBinary));
    this.#socket.on("close", () => {
      clearInterval(newSecond);
      clearInterval(heartbeat);
    });
  }

  #beat(): void {
    if (!this.#isAlive) {
      this.#socket.close(4001, "heartbeat missed");
      this.#socket.terminate();
    }
    this.#isAlive = false;
    this.#socket.ping();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    this.#isAlive = true;
    this.#messagesThisSecond += 1;
    if (isBinary) return this.#socket.close(1003, "text frames only");
    if (this.#messagesThisSecond > this.#options.maxMessagesPerSecond) {
      return this.#socket.close(4003, "too many messages a second");
    }
    const frame = readFrame(data.toString("utf8"));
    if (typeof frame === "string") return this.#refuseBadFrame(frame);
    this.#badFramesInARow = 0;
    this.#obey(frame);
  }

  #obey(frame: ClientFrame): void {
    if (frame.type === "run") return this.#run(frame);
    if (frame.type === "ping") return this.#answer({ type: "pong", id: frame.id });
    const isCancelled = AgentExecutionRegistry.instance.cancel(frame.runId);
    if (!isCancelled) this.#refuse("RUN_UNKNOWN", "No such run is going on.", frame.runId);
  }

  #run({ agent: agentName, input }: Extract<ClientFrame, { type: "run" }>): void {
    const { agents, progressTimeoutMs } = this.#options;
    const { runId, threadId } = input;
    const agent = Object.hasOwn(agents, agentName) ? agents[agentName] : undefined;
    if (agent === undefined) return this.#refuse("AGENT_UNKNOWN", "No such agent.", runId);
    getAgentWebSocketBridge().openRun({ runId, threadId, userId: this.#userId });
    const task = { agent, agentName, input, progressTimeoutMs };
    const context = AgentExecutionRegistry.instance.start(
      { runId, threadId, agentName },
      (signal) => runAgent(task, signal),
    );
    if (context === undefined || context.runId === runId) return;
    this.#refuse("RUN_CONFLICT", `The thread is busy with run ${context.runId}.`, runId);
  }

  #refuseBadFrame(code: string): void {
    this.#badFramesInARow += 1;
    this.#refuse(code, "Expected a run, cancel or ping frame.");
    if (this.#badFramesInARow >= MAX_BAD_FRAMES) {
      this.#socket.close(4500, "too many invalid frames");
    }
  }

  #refuse(code: string, message: string, runId?: string): void {
    this.#answer({ type: "error", code, message, retryable: false, runId });
  }

  #answer(frame: object): void {
    this.#socket.send(JSON.stringify(frame));
  }
}
