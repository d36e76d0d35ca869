import type { Tracer } from "@opentelemetry/api";
import { createAgentWebSocketBridge } from "../bridge/agent-web-socket-bridge.ts";
import { endOrphans } from "../bridge/end-orphans.ts";
import type { SecretKeys } from "../bridge/redact-keys.ts";
import { createRunSink } from "../bridge/run-sink.ts";
import { watchRuns } from "../bridge/watched-sink.ts";
import type { Heard, NodeLink } from "../broker/node-link.ts";
import { createWebSocketManager } from "../connection/web-socket-manager.ts";
import { createRequestContext } from "../context/request-context.ts";
import type { UserContext } from "../context/user-context.ts";
import type { EventLog } from "../event-log/event-log.ts";
import { createUserStream, type UserStream } from "../event-log/user-stream.ts";
import {
  type AgentExecutionRegistryOptions,
  createAgentExecutionRegistry,
} from "../execution/agent-execution-registry.ts";
import type { OnError } from "../internal/on-error.ts";
import type { Logger } from "../metrics/logger.ts";
import type { Monitor } from "../metrics/monitor.ts";
import type { Disposer, Scope } from "../scope/scope.ts";
import type { UserSessionManager } from "../session/user-session-manager.ts";
import { ResidentUser } from "./resident-user.ts";
import type { CreateResident } from "./resident-users.ts";
import { linkUser, obey, type UserLink } from "./user-link.ts";

/** What residents are made from; resolved by `createRuntime`. */
export interface ResidentSettings {
  readonly app: Scope<"app">;
  readonly sessions: UserSessionManager;
  readonly eventLog: EventLog;
  /** The way to other nodes; `undefined` if this is the only one. */
  readonly link: NodeLink | undefined;
  readonly runs: Omit<AgentExecutionRegistryOptions, "sink" | "onError">;
  readonly maxConnectionsPerUser: number;
  readonly maxBufferedBytes: number;
  readonly heartbeatMs: number;
  readonly secretKeys: SecretKeys;
  readonly monitor: Monitor;
  readonly tracer: Tracer;
  readonly logger: Logger;
  readonly onError: OnError;
}

/** Everything of one user is made here, from the user's context and frozen settings alone. */
export function createResidents(settings: ResidentSettings): CreateResident {
  const { app, sessions, monitor, onError } = settings;
  return (user, onLeft) => {
    const scope = app.createChild("user", user.key, user);
    const hear = (heard: Heard): void =>
      obey(heard, { user, stream, registry, sessions: new WeakRef(sessions), onError });
    const link = settings.link && linkUser(settings.link, scope, user, hear);
    const stream = scope.own(openStream(user, settings, link));
    const manager = scope.own(
      createWebSocketManager(user, {
        maxConnections: settings.maxConnectionsPerUser,
        maxBufferedBytes: settings.maxBufferedBytes,
        heartbeatMs: settings.heartbeatMs,
        stream,
        monitor,
      }),
    );
    const bridge = createAgentWebSocketBridge(user, manager, { secretKeys: settings.secretKeys });
    const sink = watchRuns(createRunSink(bridge, stream), settings);
    const opening = createRequestContext(user, { threadId: "user", runId: "user" });
    const registry = scope.own(
      createAgentExecutionRegistry(opening, { ...settings.runs, sink, onError }),
    );
    const ready = stream.opened.then(() => endOrphans(stream, bridge));
    // Whoever waits for it hears of a failure; if nobody does, the stream has told it already.
    ready.catch(() => {});
    const attach = attachTo(new WeakRef(sessions), user);
    const parts = { scope, stream, ready, manager, registry, attach, onLeft, monitor, onError };
    return new ResidentUser(user, { ...parts, tellNodes: link?.tell });
  };
}

/** With other nodes, the log is shared, and opened once none of what they say can be missed. */
function openStream(
  user: UserContext,
  { eventLog, onError }: Pick<ResidentSettings, "eventLog" | "onError">,
  link: UserLink | undefined,
): UserStream {
  if (link === undefined) return createUserStream(user, eventLog, { onError });
  const { joined, tell } = link;
  const onWritten = (last: number): void => tell({ type: "appended", last });
  return createUserStream(user, eventLog, { sharing: "shared", after: joined, onWritten, onError });
}

/** A function of its own: what a user holds must lead to the table of all sessions weakly at most. */
function attachTo(
  sessions: WeakRef<UserSessionManager>,
  user: UserContext,
): (sessionId: string) => Disposer | undefined {
  return (sessionId) => sessions.deref()?.attach(user, sessionId);
}
