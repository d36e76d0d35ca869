import type { RunAgentInput } from "@ag-ui/core";
import type { Connection } from "../connection/connection.ts";
import type { Transport } from "../connection/transport.ts";
import type { WebSocketManager } from "../connection/web-socket-manager.ts";
import type { RequestContext } from "../context/request-context.ts";
import type { UserContext } from "../context/user-context.ts";
import type { NodeMessage } from "../broker/node-message.ts";
import { WatertightError } from "../errors.ts";
import type { UserStream } from "../event-log/user-stream.ts";
import type { Agent } from "../execution/agent.ts";
import type { AgentExecutionRegistry, NamedAgent } from "../execution/agent-execution-registry.ts";
import type { Run } from "../execution/run.ts";
import type { OnError } from "../internal/on-error.ts";
import type { Monitor } from "../metrics/monitor.ts";
import { CLOSE, type CloseReason } from "../protocol/close-codes.ts";
import type { Disposer, Scope, Seeds } from "../scope/scope.ts";

/** What a resident is made of. Nothing in it may lead to another user. */
export interface ResidentParts {
  readonly scope: Scope<"user">;
  readonly stream: UserStream;
  /** Resolves when the user's log is open and says how each run of an earlier server ended. */
  readonly ready: Promise<void>;
  readonly manager: WebSocketManager;
  readonly registry: AgentExecutionRegistry;
  /** Keeps a session from idling; answers how to let go of it. */
  readonly attach: (sessionId: string) => Disposer | undefined;
  /** Tells the other nodes on which the user is; absent if this is the only one. */
  readonly tellNodes?: ((message: NodeMessage) => void) | undefined;
  /** Called whenever something of the user has ended. */
  readonly onLeft: () => void;
  readonly monitor: Monitor;
  readonly onError: OnError;
}

interface RunStart {
  readonly sessionId: string;
  readonly request: RequestContext;
  readonly agent: NamedAgent;
  readonly input: RunAgentInput;
}

/**
 * One user who is here: the user's scope, and in it a scope for each session that has a connection
 * or a run, and in that a scope for each of those. The end of a socket or a run ends its scope, and
 * the last one's end that of the session; the end of a sign-in ends all that lives in it.
 */
export class ResidentUser {
  readonly user: UserContext;
  readonly stream: UserStream;
  /** Rejects if the user's log can't be opened. */
  readonly ready: Promise<void>;
  readonly manager: WebSocketManager;
  readonly registry: AgentExecutionRegistry;
  readonly #parts: ResidentParts;
  readonly #sessions = new Map<string, Scope<"session">>();

  constructor(user: UserContext, parts: ResidentParts) {
    this.user = user;
    this.stream = parts.stream;
    this.ready = parts.ready;
    this.manager = parts.manager;
    this.registry = parts.registry;
    this.#parts = parts;
    void parts.stream.failed.then(() => this.#abandon());
  }

  /** Nothing of the user lives here any more. */
  get isIdle(): boolean {
    const { manager, registry, stream } = this;
    const inside = manager.connections.length + registry.list().length + this.#sessions.size;
    return inside === 0 && stream.isSettled;
  }

  /** Takes a line into its session's scope. Throws what {@link WebSocketManager.admit} throws. */
  admit(transport: Transport, sessionId: string): Connection {
    const connection = this.manager.admit(transport, { user: this.user, sessionId });
    const scope = this.#open("connection", sessionId, connection.id);
    // The session may have ended while its socket was on the way in.
    if (scope === undefined) {
      connection.close(CLOSE.sessionUnknown);
      void connection.closed.then(() => this.#parts.onLeft());
      return connection;
    }
    scope.defer(() => {
      connection.close(CLOSE.shuttingDown);
      return connection.closed;
    });
    void connection.closed.then(() => this.#leave(scope, sessionId));
    return connection;
  }

  /**
   * Starts a run in its session's scope and answers it; for a run id that was used before, the run of
   * then, or nothing if only the user's log knows it still. To be called when ready. Throws
   * WT_RUN_CONFLICT if the run id is of another thread, and what {@link AgentExecutionRegistry.start} throws.
   */
  start(
    sessionId: string,
    request: RequestContext,
    agent: NamedAgent,
    input: RunAgentInput,
  ): Run | undefined {
    const { runId, threadId } = request;
    const logged = this.stream.findRun(runId);
    if (logged !== undefined && logged.threadId !== threadId) throw otherThread();
    const known = this.registry.get(runId);
    if (logged !== undefined && known === undefined) return undefined;
    if (known !== undefined) return this.registry.start(request, agent, input);
    const scope = this.#open("run", sessionId, runId, request);
    const run = this.#startIn(scope, { sessionId, request, agent, input });
    if (scope === undefined) {
      run.end({ status: "cancelled" });
      void this.stream.settled().then(() => this.#parts.onLeft());
      return run;
    }
    scope.defer(() => void run.end({ status: "cancelled" }));
    void run.ended.then(() => this.#leave(scope, sessionId));
    return run;
  }

  /** Ends a run of the user as cancelled, here or on its node; `false` if none of that id goes on. */
  cancel(runId: string): boolean {
    if (this.registry.get(runId) !== undefined) return this.registry.cancel(runId);
    const { tellNodes } = this.#parts;
    const run = tellNodes && this.stream.findRun(runId);
    if (run === undefined || run.lastSeq !== undefined) return false;
    tellNodes?.({ type: "cancel", runId });
    return true;
  }

  /** The sign-in is over: its sockets close at once, its runs end as cancelled. */
  endSession(sessionId: string, reason: CloseReason): void {
    this.manager.disconnectSession(sessionId, reason);
    const session = this.#sessions.get(sessionId);
    this.#sessions.delete(sessionId);
    void this.#end(session);
  }

  /** Ends the user's scope and everything in it. */
  dispose(): Promise<void> {
    return this.#parts.scope.dispose();
  }

  /** `undefined` if the session has ended. */
  #open<L extends "connection" | "run">(
    lifetime: L,
    sessionId: string,
    name: string,
    seed?: Seeds[L],
  ): Scope<L> | undefined {
    const detach = this.#parts.attach(sessionId);
    if (detach === undefined) return undefined;
    const session =
      this.#sessions.get(sessionId) ?? this.#parts.scope.createChild("session", sessionId);
    this.#sessions.set(sessionId, session);
    const scope = session.createChild(lifetime, name, seed);
    scope.defer(detach);
    return scope;
  }

  async #leave(scope: Scope, sessionId: string): Promise<void> {
    await this.#end(scope);
    const session = this.#sessions.get(sessionId);
    if (session?.childCount === 0) {
      this.#sessions.delete(sessionId);
      await this.#end(session);
    }
    await this.stream.settled();
    this.#parts.onLeft();
  }

  #startIn(
    scope: Scope<"run"> | undefined,
    { sessionId, request, agent: { name, agent }, input }: RunStart,
  ): Run {
    const inScope: Agent = (given, context) =>
      agent(given, scope === undefined ? context : Object.freeze({ ...context, scope }));
    try {
      return this.registry.start(request, { name, agent: inScope }, input);
    } catch (error) {
      const isFull = WatertightError.is(error) && error.code === "WT_RUN_QUEUE_FULL";
      if (isFull) this.#parts.monitor.raise("RUN_QUEUE_FULL");
      if (scope !== undefined) void this.#leave(scope, sessionId);
      throw error;
    }
  }

  /** The log can't be written any more: who is here must come back, to a new one. */
  #abandon(): void {
    for (const connection of this.manager.connections) connection.close(CLOSE.logUnavailable);
    void this.registry.dispose();
  }

  async #end(scope: Scope | undefined): Promise<void> {
    await scope?.dispose().catch((error: unknown) => {
      this.#parts.onError(error, { stage: "dispose" });
    });
  }
}

function otherThread(): WatertightError {
  return new WatertightError(
    "WT_RUN_CONFLICT",
    "Expected a run id to stay on the thread that it was first used on, got another thread. Use a new run id.",
  );
}
