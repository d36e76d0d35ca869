import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { trace } from "@opentelemetry/api";
import { NodeLink } from "./broker/node-link.ts";
import { createMemoryEventLog } from "./drivers/memory/memory-event-log.ts";
import { createMemoryRunQueue } from "./drivers/memory/memory-run-queue.ts";
import { createMemorySessionStore } from "./drivers/memory/memory-session-store.ts";
import { createPrometheusExporter } from "./drivers/prometheus/prometheus-exporter.ts";
import { createLoopWatchdog } from "./execution/loop-watchdog.ts";
import { createRunScheduler } from "./execution/run-scheduler.ts";
import { Admission, type Guest } from "./http/admission.ts";
import { type CloseOptions, createClose } from "./http/close-runtime.ts";
import { createResidents } from "./http/create-resident.ts";
import { EventStreams } from "./http/event-streams.ts";
import { createOperatorRoutes } from "./http/operator-routes.ts";
import { createHealthRoute, createRequestListener, type Health } from "./http/request-listener.ts";
import { RequestSessions } from "./http/request-sessions.ts";
import { ResidentUsers } from "./http/resident-users.ts";
import { createTicketRoute } from "./http/ticket-route.ts";
import type { Route } from "./http/route-table.ts";
import { UpgradeHandler } from "./http/upgrade-handler.ts";
import { createUserAdmin, type UserAdmin } from "./http/user-admin.ts";
import { createUserRoutes } from "./http/user-routes.ts";
import type { Gauges } from "./metrics/exporter.ts";
import type { OnError } from "./internal/on-error.ts";
import { logErrors } from "./metrics/log-errors.ts";
import { Monitor } from "./metrics/monitor.ts";
import type { Monitorable } from "./metrics/monitorable.ts";
import { CLOSE } from "./protocol/close-codes.ts";
import { type ResolvedOptions, resolveOptions, type RuntimeOptions } from "./runtime-options.ts";
import { createAppScope, type Scope } from "./scope/scope.ts";
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
  /** What an operator can do about one user. */
  readonly admin: UserAdmin;
  /** The alarms that are on, and who wants to hear of them. */
  readonly monitor: Monitorable;
  health(): Health;
  /**
   * Takes nobody any more, lets runs end by themselves for `drainMs`, ends the rest as cancelled,
   * tells that, and closes all lines (1001). Idempotent; always finishes.
   */
  close(options?: CloseOptions): Promise<void>;
}

/** Builds a runtime: the only place where all parts meet. Throws WT_OPTION_INVALID. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const resolved = resolveOptions(options);
  const { limits } = resolved;
  const { container } = resolved;
  const app = createAppScope(container === undefined ? {} : { container });
  const monitor = new Monitor(resolved.alarmHoldMs);
  const onError = monitor.watch(logErrors(resolved.logger, resolved.onError));
  const settings = { ...resolved, onError, monitor };
  const sessions = app.own(createSessions(app, settings));
  const eventLog = settings.eventLog ?? app.own(createMemoryEventLog());
  const redeemTicket = (ticket: string) => redeem(sessions, ticket);
  const { maxPendingAdmissions, maxConnections } = limits;
  const admission = new Admission({ ...settings, maxPendingAdmissions, redeemTicket });
  const link = createLink(app, settings, sessions);
  const runs = createRunSettings(app, settings);
  const tracer = trace.getTracer("@watertight/runtime");
  const parts = { ...settings, ...limits, app, sessions, eventLog, link, runs, tracer };
  const residents = new ResidentUsers(createResidents(parts), monitor, onError);
  const hasRoom = (): boolean => countConnections() < maxConnections;
  const upgrade = new UpgradeHandler({
    ...settings,
    ...limits,
    admission,
    sessions,
    residents,
    hasRoom,
  });
  const requestSessions = new RequestSessions(sessions);
  const streams = new EventStreams({ sessions: requestSessions, residents, monitor, hasRoom });
  const countConnections = (): number => upgrade.connections + streams.connections;
  app.defer(sessions.onEnded((session) => endSession(residents, session)));
  const health = (): Health => ({
    status: admission.isClosed ? "closing" : "ok",
    users: residents.size,
    connections: countConnections(),
  });
  const admin = createUserAdmin({ residents, sessions, eventLog });
  const inside = { admission, sessions, residents, streams, admin, health };
  const routes = createRoutes({ ...settings, ...inside, isShared: link !== undefined });
  const { allowCredentials: allowsCredentials } = settings;
  const cors = { allowsOrigin: admission.allowsOrigin.bind(admission), allowsCredentials };
  const close = createClose({ app, admission, residents, onError });
  return Object.freeze({
    requestListener: createRequestListener({ routes, cors, onError }),
    upgradeHandler: createUpgradeListener(upgrade, onError),
    sessions,
    admin,
    monitor,
    health,
    close,
    [Symbol.asyncDispose]: () => close(),
  });
}

function createUpgradeListener(
  upgrade: UpgradeHandler,
  onError: OnError,
): Runtime["upgradeHandler"] {
  return (request, socket, head) => {
    upgrade.handle(request, socket, head).catch((error: unknown) => {
      onError(error, { stage: "upgrade" });
      socket.destroy();
    });
  };
}

interface RouteParts extends Omit<Settings, "sessions"> {
  readonly admission: Admission;
  readonly sessions: UserSessionManager;
  readonly residents: ResidentUsers;
  readonly streams: EventStreams;
  readonly admin: UserAdmin;
  readonly isShared: boolean;
  readonly health: () => Health;
}

function createRoutes(parts: RouteParts): readonly Route[] {
  const { admission, sessions, residents, monitor, health } = parts;
  const gauges = (): Gauges => ({ ...health(), runs: residents.runs });
  return [
    createHealthRoute(health),
    createTicketRoute(admission, sessions),
    ...createUserRoutes(parts),
    ...createOperatorRoutes({
      isReady: () => !admission.isClosed,
      health: () => monitor.health(),
      exporter: createPrometheusExporter(monitor, gauges),
      admin: parts.admin,
      authorizeOperator: parts.authorizeOperator,
    }),
  ];
}

interface Settings extends ResolvedOptions {
  readonly monitor: Monitor;
}

function createSessions(app: Scope, settings: Settings): UserSessionManager {
  const { onError } = settings;
  const store = settings.sessionStore ?? app.own(createMemorySessionStore());
  return createUserSessionManager(store, { onError, ...settings.sessions });
}

/** The way to the other nodes, if there is a broker. */
function createLink(
  app: Scope,
  { broker, onError }: Settings,
  sessions: UserSessionManager,
): NodeLink | undefined {
  if (broker === undefined) return undefined;
  const link = new NodeLink(broker, onError);
  app.defer(sessions.onChanged((user) => link.tell(user, { type: "sessions" })));
  return link;
}

/** How runs are had by every user, and the turns that all users share. */
function createRunSettings(app: Scope, settings: Settings) {
  const { limits, weightOf, tokenBudgetOf, doubleTexting, loopBlockedMs, onError } = settings;
  const queue = settings.runQueue ?? app.own(createMemoryRunQueue());
  const { maxRunningRuns, tokenWindowMs } = limits;
  const shares = { maxRunningRuns, weightOf, tokenBudgetOf, tokenWindowMs };
  const scheduler = app.own(createRunScheduler({ queue, ...shares, onError }));
  if (loopBlockedMs !== undefined) {
    const onBlocked = (): void => settings.monitor.raise("LOOP_BLOCKED");
    app.own(createLoopWatchdog({ loopBlockedMs, onBlocked }));
  }
  const { maxConcurrentRuns, maxQueuedRuns, maxQueueWaitMs } = limits;
  const { runTimeoutMs, progressTimeoutMs } = limits;
  const most = { maxConcurrentRuns, maxQueuedRuns, maxQueueWaitMs };
  return Object.freeze({ scheduler, doubleTexting, ...most, runTimeoutMs, progressTimeoutMs });
}

async function redeem(sessions: UserSessionManager, ticket: string): Promise<Guest | undefined> {
  const redeemed = await sessions.redeemTicket(ticket);
  return redeemed && { expiresAt: Number.POSITIVE_INFINITY, ...redeemed };
}

function endSession(residents: ResidentUsers, session: EndedSession): void {
  const reason = session.cause === "expired" ? CLOSE.sessionExpired : CLOSE.sessionRevoked;
  residents.get(session.user)?.endSession(session.sessionId, reason);
}
