import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { createAgentWebSocketBridge } from "./bridge/agent-web-socket-bridge.ts";
import { createRunSink } from "./bridge/run-sink.ts";
import { createWebSocketManager } from "./connection/web-socket-manager.ts";
import { createRequestContext } from "./context/request-context.ts";
import type { UserContext } from "./context/user-context.ts";
import { createAgentExecutionRegistry } from "./execution/agent-execution-registry.ts";
import { createRequestListener, type Health } from "./http/request-listener.ts";
import { ResidentUser } from "./http/resident-user.ts";
import { type CreateResident, ResidentUsers } from "./http/resident-users.ts";
import { UpgradeHandler } from "./http/upgrade-handler.ts";
import { CLOSE } from "./protocol/close-codes.ts";
import { type ResolvedOptions, resolveOptions, type RuntimeOptions } from "./runtime-options.ts";
import { createAppScope, type Disposer, type Scope } from "./scope/scope.ts";
import {
  createUserSessionManager,
  type EndedSession,
  type UserSessionManager,
} from "./session/user-session-manager.ts";

/** A running back end, to be mounted on any `node:http` server. */
export interface Runtime extends AsyncDisposable {
  /** For the server's `request` event. */
  readonly requestListener: (request: IncomingMessage, response: ServerResponse) => void;
  /** For the server's `upgrade` event. */
  readonly upgradeHandler: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly sessions: UserSessionManager;
  health(): Health;
  /** Takes nobody any more, ends runs, closes sockets (1001). Idempotent; always finishes. */
  close(): Promise<void>;
}

/** Builds a runtime: the only place where all parts meet. Throws WT_OPTION_INVALID. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const settings = resolveOptions(options);
  const { limits, onError } = settings;
  const app = createAppScope();
  const sessions = app.own(createUserSessionManager(settings.sessions));
  const residents = new ResidentUsers(createResidents(app, sessions, settings), onError);
  const { maxConnections, maxFrameBytes, maxMessagesPerSecond } = limits;
  const most = { maxConnections, maxFrameBytes, maxMessagesPerSecond };
  const upgrade = new UpgradeHandler({ ...settings, ...most, sessions, residents });
  app.defer(sessions.onEnded((session) => endSession(residents, session)));
  const health = (): Health => ({
    status: upgrade.isClosed ? "closing" : "ok",
    users: residents.size,
    connections: upgrade.connections,
  });
  const close = async (): Promise<void> => {
    upgrade.close();
    await residents.endRuns();
    await app.dispose();
  };
  return Object.freeze({
    requestListener: createRequestListener(health),
    upgradeHandler: (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      upgrade.handle(request, socket, head).catch((error: unknown) => {
        onError(error, { stage: "upgrade" });
        socket.destroy();
      });
    },
    sessions,
    health,
    close,
    [Symbol.asyncDispose]: close,
  });
}

/** Everything of one user is made here, from the user's context and frozen settings alone. */
function createResidents(
  app: Scope,
  sessions: UserSessionManager,
  { limits, heartbeatMs, onError }: ResolvedOptions,
): CreateResident {
  return (user, onLeft) => {
    const scope = app.createChild("user", user.key);
    const manager = scope.own(
      createWebSocketManager(user, {
        maxConnections: limits.maxConnectionsPerUser,
        maxBufferedBytes: limits.maxBufferedBytes,
        heartbeatMs,
      }),
    );
    const opening = createRequestContext(user, { threadId: "user", runId: "user" });
    const registry = scope.own(
      createAgentExecutionRegistry(opening, {
        sink: createRunSink(createAgentWebSocketBridge(user, manager)),
        maxConcurrentRuns: limits.maxConcurrentRuns,
        runTimeoutMs: limits.runTimeoutMs,
        progressTimeoutMs: limits.progressTimeoutMs,
        onError,
      }),
    );
    const attach = attachTo(new WeakRef(sessions), user);
    return new ResidentUser(user, { scope, manager, registry, attach, onLeft, onError });
  };
}

/** A function of its own: what a user holds must lead to the table of all sessions weakly at most. */
function attachTo(
  sessions: WeakRef<UserSessionManager>,
  user: UserContext,
): (sessionId: string) => Disposer | undefined {
  return (sessionId) => sessions.deref()?.attach(user, sessionId);
}

function endSession(residents: ResidentUsers, session: EndedSession): void {
  const reason = session.cause === "expired" ? CLOSE.sessionExpired : CLOSE.sessionRevoked;
  residents.get(session.user)?.endSession(session.sessionId, reason);
}
