import type { RunAgentInput } from "@ag-ui/core";
import type { WebSocket } from "ws";
import type { Connection } from "../connection/connection.ts";
import type { WebSocketManager } from "../connection/web-socket-manager.ts";
import type { RequestContext } from "../context/request-context.ts";
import type { UserContext } from "../context/user-context.ts";
import type { AgentExecutionRegistry, NamedAgent } from "../execution/agent-execution-registry.ts";
import type { Run } from "../execution/run.ts";
import type { OnError } from "../internal/on-error.ts";
import { CLOSE, type CloseReason } from "../protocol/close-codes.ts";
import type { Disposer, Scope } from "../scope/scope.ts";

/** What a resident is made of. Nothing in it may lead to another user. */
export interface ResidentParts {
  readonly scope: Scope;
  readonly manager: WebSocketManager;
  readonly registry: AgentExecutionRegistry;
  /** Keeps a session from idling; answers how to let go of it. */
  readonly attach: (sessionId: string) => Disposer | undefined;
  /** Called whenever something of the user has ended. */
  readonly onLeft: () => void;
  readonly onError: OnError;
}

/**
 * One user who is here: the user's scope, and in it a scope for each session that has a connection
 * or a run, and in that a scope for each of those. The end of a socket or a run ends its scope, and
 * the last one's end that of the session; the end of a sign-in ends all that lives in it.
 */
export class ResidentUser {
  readonly user: UserContext;
  readonly manager: WebSocketManager;
  readonly registry: AgentExecutionRegistry;
  readonly #parts: ResidentParts;
  readonly #sessions = new Map<string, Scope>();

  constructor(user: UserContext, parts: ResidentParts) {
    this.user = user;
    this.manager = parts.manager;
    this.registry = parts.registry;
    this.#parts = parts;
  }

  /** Nothing of the user lives here any more. */
  get isIdle(): boolean {
    const { manager, registry } = this;
    return manager.connections.length + registry.list().length + this.#sessions.size === 0;
  }

  /** Takes a socket into its session's scope. Throws what {@link WebSocketManager.connect} throws. */
  admit(socket: WebSocket, sessionId: string): Connection {
    const connection = this.manager.connect(socket, { user: this.user, sessionId });
    const scope = this.#open("connection", sessionId, connection.id);
    scope.defer(() => {
      connection.close(CLOSE.shuttingDown);
      return connection.closed;
    });
    void connection.closed.then(() => this.#leave(scope, sessionId));
    return connection;
  }

  /** Starts a run in its session's scope. Throws what {@link AgentExecutionRegistry.start} throws. */
  start(sessionId: string, request: RequestContext, agent: NamedAgent, input: RunAgentInput): Run {
    const known = this.registry.get(request.runId);
    const run = this.registry.start(request, agent, input);
    if (run === known) return run;
    const scope = this.#open("run", sessionId, request.runId);
    scope.defer(() => void run.end({ status: "cancelled" }));
    void run.ended.then(() => this.#leave(scope, sessionId));
    return run;
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

  #open(lifetime: "connection" | "run", sessionId: string, name: string): Scope {
    const session =
      this.#sessions.get(sessionId) ?? this.#parts.scope.createChild("session", sessionId);
    this.#sessions.set(sessionId, session);
    const scope = session.createChild(lifetime, name);
    const detach = this.#parts.attach(sessionId);
    if (detach !== undefined) scope.defer(detach);
    return scope;
  }

  async #leave(scope: Scope, sessionId: string): Promise<void> {
    await this.#end(scope);
    const session = this.#sessions.get(sessionId);
    if (session?.childCount === 0) {
      this.#sessions.delete(sessionId);
      await this.#end(session);
    }
    this.#parts.onLeft();
  }

  async #end(scope: Scope | undefined): Promise<void> {
    await scope?.dispose().catch((error: unknown) => {
      this.#parts.onError(error, { stage: "dispose" });
    });
  }
}
