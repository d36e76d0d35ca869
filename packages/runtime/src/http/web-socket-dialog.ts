import type { WebSocket } from "ws";
import type { Connection } from "../connection/connection.ts";
import { createRequestContext } from "../context/request-context.ts";
import { WatertightError } from "../errors.ts";
import type { Agent } from "../execution/agent.ts";
import type { OnError } from "../internal/on-error.ts";
import type { Monitor } from "../metrics/monitor.ts";
import { CLOSE } from "../protocol/close-codes.ts";
import {
  type ClientFrame,
  type ErrorFrame,
  readClientFrame,
  type WireErrorCode,
} from "../protocol/frames.ts";
import type { ResidentUser } from "./resident-user.ts";

/** What a dialog may do and must keep to. */
export interface DialogOptions {
  readonly agents: Readonly<Record<string, Agent>>;
  /** What the proof that the socket came with allows its bearer. */
  readonly scopes?: readonly string[] | undefined;
  readonly maxMessagesPerSecond: number;
  readonly monitor: Monitor;
  readonly onError: OnError;
}

const MAX_INVALID_FRAMES = 10;
const RETRYABLE: readonly WireErrorCode[] = Object.freeze([
  "TOO_MANY_RUNS",
  "THREAD_BUSY",
  "INTERNAL",
]);
const WIRE_CODES: Readonly<Record<string, WireErrorCode>> = Object.freeze({
  WT_RUN_CONFLICT: "RUN_CONFLICT",
  WT_RUN_LIMIT: "TOO_MANY_RUNS",
  WT_RUN_QUEUE_FULL: "TOO_MANY_RUNS",
  WT_THREAD_BUSY: "THREAD_BUSY",
  WT_ID_INVALID: "FRAME_INVALID",
});

/** What one device says, and what it is answered. Answers go to this socket alone. */
export class WebSocketDialog {
  readonly #resident: ResidentUser;
  readonly #connection: Connection;
  readonly #options: DialogOptions;
  #invalidInARow = 0;
  #windowStart = Number.NEGATIVE_INFINITY;
  #messagesInWindow = 0;

  constructor(resident: ResidentUser, connection: Connection, options: DialogOptions) {
    this.#resident = resident;
    this.#connection = connection;
    this.#options = options;
  }

  /** Listens to `socket` until it closes. */
  attach(socket: WebSocket): void {
    socket.on("message", (data: Buffer, isBinary: boolean) => this.#receive(data, isBinary));
    socket.on("ping", () => this.#isTooFast());
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#connection.state !== "ready") return;
    if (isBinary) return this.#connection.close(CLOSE.binaryFrame);
    if (this.#isTooFast()) return;
    const read = readClientFrame(data.toString("utf8"));
    if ("error" in read) return this.#refuseInvalid(read.error.code, read.error.message);
    this.#invalidInARow = 0;
    this.#obey(read.frame);
  }

  #obey(frame: ClientFrame): void {
    switch (frame.type) {
      case "run":
        return this.#start(frame);
      case "cancel":
        return this.#cancel(frame.runId);
      case "incident":
        return this.#options.monitor.raise("INCIDENT_REPORTED");
      case "ping":
        this.#connection.write(
          JSON.stringify({ type: "pong", ...(frame.id === undefined ? {} : { id: frame.id }) }),
        );
    }
  }

  #start({ agent: name, input }: Extract<ClientFrame, { type: "run" }>): void {
    const { agents, scopes, onError } = this.#options;
    const { runId, threadId } = input;
    const agent = Object.hasOwn(agents, name) ? agents[name] : undefined;
    if (agent === undefined) {
      return this.#refuse("AGENT_UNKNOWN", "Expected the name of an agent of this server.", runId);
    }
    try {
      const request = createRequestContext(this.#resident.user, { threadId, runId, scopes });
      this.#resident.start(this.#connection.sessionId, request, { name, agent }, input);
    } catch (error) {
      const code = WatertightError.is(error) ? WIRE_CODES[error.code] : undefined;
      if (code === undefined) onError(error, { stage: "start" });
      const message =
        code === undefined ? "The run could not be started." : (error as Error).message;
      this.#refuse(code ?? "INTERNAL", message, runId);
    }
  }

  /** Somebody else's run and one that never was get the very same answer. */
  #cancel(runId: string): void {
    if (this.#resident.cancel(runId)) return;
    this.#refuse("RUN_UNKNOWN", "Expected the id of a run of yours that is going on.", runId);
  }

  #refuseInvalid(code: WireErrorCode, message: string): void {
    this.#invalidInARow += 1;
    this.#refuse(code, message);
    if (this.#invalidInARow >= MAX_INVALID_FRAMES) this.#connection.close(CLOSE.invalidFrames);
  }

  #refuse(code: WireErrorCode, message: string, runId?: string): void {
    const retryable = RETRYABLE.includes(code);
    const about = runId === undefined ? {} : { runId };
    const frame: ErrorFrame = { type: "error", code, message, retryable, ...about };
    this.#connection.write(JSON.stringify(frame));
  }

  /** Counts a frame; closes the connection and answers `true` if it is one too many. */
  #isTooFast(): boolean {
    const now = performance.now();
    if (now - this.#windowStart >= 1000) {
      this.#windowStart = now;
      this.#messagesInWindow = 0;
    }
    this.#messagesInWindow += 1;
    if (this.#messagesInWindow <= this.#options.maxMessagesPerSecond) return false;
    this.#connection.close(CLOSE.tooManyMessages);
    return true;
  }
}
