import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Authenticate } from "./auth/authenticate.ts";
import {
  type AgentWebSocketBridge,
  createAgentWebSocketBridge,
} from "./bridge/agent-web-socket-bridge.ts";
import { createWebSocketManager } from "./connection/web-socket-manager.ts";
import { createRequestContext } from "./context/request-context.ts";
import type { UserContext } from "./context/user-context.ts";
import { WatertightError } from "./errors.ts";
import type { Agent } from "./execution/agent.ts";
import {
  createAgentExecutionRegistry,
  type OnError,
  type RunSink,
} from "./execution/agent-execution-registry.ts";
import { createRequestListener, type Health } from "./http/request-listener.ts";
import { type ResidentUser, ResidentUsers } from "./http/resident-users.ts";
import { UpgradeHandler } from "./http/upgrade-handler.ts";
import { wholeNumber } from "./internal/options.ts";
import { CLOSE } from "./protocol/close-codes.ts";
import { createAppScope, type Scope } from "./scope/scope.ts";
import {
  createUserSessionManager,
  type EndedSession,
  type UserSessionManager,
  type UserSessionManagerOptions,
} from "./session/user-session-manager.ts";

/** What the runtime holds its users to. */
export interface RuntimeLimits {
  /** Open sockets of all users together. Default: 10,000. */
  readonly maxConnections?: number;
  /** Open sockets of one user. Default: 10. */
  readonly maxConnectionsPerUser?: number;
  /** Bytes of one frame from a client. Default: 1 MiB. */
  readonly maxFrameBytes?: number;
  /** Frames a second from one socket. Default: 100. */
  readonly maxMessagesPerSecond?: number;
  /** Bytes that may wait for a slow reader. Default: 1 MiB. */
  readonly maxBufferedBytes?: number;
  /** Runs that one user may have going at once. Default: 8. */
  readonly maxConcurrentRuns?: number;
  /** How long a run may take. Default: 600,000. */
  readonly runTimeoutMs?: number;
  /** How long an agent may show no progress before it counts as dead. Default: 60,000. */
  readonly progressTimeoutMs?: number;
}

export interface RuntimeOptions {
  /** Says who a request comes from; nobody gets in without. */
  readonly authenticate: Authenticate;
  /** The agents by the names that clients use. */
  readonly agents: Readonly<Record<string, Agent>>;
  /** Origins whose pages may connect, for example `https://app.example.com`. Default: none. */
  readonly allowedOrigins?: readonly string[];
  /** Where sockets connect. Default: `/ws`. */
  readonly path?: string;
  /** Milliseconds between pings. Default: 30,000. */
  readonly heartbeatMs?: number;
  readonly limits?: RuntimeLimits;
  readonly sessions?: UserSessionManagerOptions;
  /** Hears of failures that no caller can be told of. Default: nobody does. */
  readonly onError?: OnError;
}

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

type ResolvedLimits = Readonly<Required<RuntimeLimits>>;

/**
 * Builds a runtime: the only place where all parts meet. Throws WT_OPTION_INVALID.
 */
export function createRuntime(options: RuntimeOptions): Runtime {
  const { authenticate, allowedOrigins = [], path = "/ws", onError = ignore } = options;
  const limits = resolveLimits(options.limits ?? {});
  const heartbeatMs = wholeNumber("heartbeatMs", options.heartbeatMs ?? 30_000);
  const app = createAppScope();
  const sessions = app.own(createUserSessionManager(options.sessions));
  const settle = { limits, heartbeatMs, onError };
  const residents = new ResidentUsers((user) => createResident(app, user, settle), onError);
  const upgrade = new UpgradeHandler({
    path,
    authenticate,
    allowedOrigins: [...allowedOrigins],
    agents: resolveAgents(options.agents),
    sessions,
    residents,
    heartbeatMs,
    maxFrameBytes: limits.maxFrameBytes,
    maxMessagesPerSecond: limits.maxMessagesPerSecond,
    maxConnections: limits.maxConnections,
    onError,
  });
  app.defer(sessions.onEnded((session) => closeSockets(residents, session)));
  const health = (): Health => ({
    status: app.isDisposed ? "closing" : "ok",
    users: residents.size,
    connections: upgrade.connections,
  });
  const close = (): Promise<void> => {
    upgrade.close();
    return app.dispose();
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

interface Settings {
  readonly limits: ResolvedLimits;
  readonly heartbeatMs: number;
  readonly onError: OnError;
}

/** Everything of one user is made here, from the user's context and frozen settings alone. */
function createResident(app: Scope, user: UserContext, settings: Settings): ResidentUser {
  const { limits, heartbeatMs, onError } = settings;
  const scope = app.createChild("user", user.key);
  const manager = scope.own(
    createWebSocketManager(user, {
      maxConnections: limits.maxConnectionsPerUser,
      maxBufferedBytes: limits.maxBufferedBytes,
      heartbeatMs,
    }),
  );
  const bridge = createAgentWebSocketBridge(user, manager);
  const opening = createRequestContext(user, { threadId: "user", runId: "user" });
  const registry = scope.own(
    createAgentExecutionRegistry(opening, {
      sink: createSink(bridge),
      maxConcurrentRuns: limits.maxConcurrentRuns,
      runTimeoutMs: limits.runTimeoutMs,
      progressTimeoutMs: limits.progressTimeoutMs,
      onError,
    }),
  );
  return Object.freeze({ user, scope, manager, bridge, registry });
}

/** Tells the life of a run over the bridge: cancel, timeout, failure and death end differently. */
function createSink(bridge: AgentWebSocketBridge): RunSink {
  return Object.freeze<RunSink>({
    begin(request) {
      bridge.openRun(request);
      bridge.agentStarted(request.runId);
    },
    event: ({ runId }, event) => void bridge.publish(runId, event),
    end({ runId }, agentName, outcome) {
      switch (outcome.status) {
        case "finished":
          return void bridge.agentCompleted(runId);
        case "cancelled":
          return void bridge.agentCancelled(runId);
        case "timed-out": {
          const message = `Agent "${agentName}" took longer than ${outcome.afterMs} ms.`;
          return void bridge.agentError(runId, "RUN_TIMEOUT", message);
        }
        case "failed":
          return void bridge.agentError(runId, "AGENT_FAILED", `Agent "${agentName}" failed.`);
        case "died":
          return void bridge.agentDeath(runId, agentName, outcome.cause);
      }
    },
  });
}

function closeSockets(residents: ResidentUsers, session: EndedSession): void {
  const reason = session.cause === "expired" ? CLOSE.sessionExpired : CLOSE.sessionRevoked;
  residents.get(session.user)?.manager.disconnectSession(session.sessionId, reason);
}

function resolveAgents(agents: Readonly<Record<string, Agent>>): Readonly<Record<string, Agent>> {
  for (const [name, agent] of Object.entries(agents)) {
    if (typeof agent !== "function") {
      throw new WatertightError(
        "WT_OPTION_INVALID",
        `Expected \`agents.${name}\` to be an async generator function, got ${typeof agent}`,
      );
    }
  }
  return Object.freeze({ ...agents });
}

function resolveLimits(limits: RuntimeLimits): ResolvedLimits {
  const defaults: ResolvedLimits = {
    maxConnections: 10_000,
    maxConnectionsPerUser: 10,
    maxFrameBytes: 1024 * 1024,
    maxMessagesPerSecond: 100,
    maxBufferedBytes: 1024 * 1024,
    maxConcurrentRuns: 8,
    runTimeoutMs: 600_000,
    progressTimeoutMs: 60_000,
  };
  const resolved = { ...defaults, ...limits };
  for (const [name, value] of Object.entries(resolved)) wholeNumber(`limits.${name}`, value);
  return Object.freeze(resolved);
}

function ignore(): void {}
