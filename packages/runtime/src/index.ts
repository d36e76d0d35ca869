export { createRuntime, type Runtime } from "./create-runtime.ts";
export type { CloseOptions } from "./http/close-runtime.ts";
export type { UserAdmin, UserReport } from "./http/user-admin.ts";
export type { RuntimeLimits, RuntimeOptions } from "./runtime-options.ts";

export { createUserContext, UserContext, type UserIdentity } from "./context/user-context.ts";
export {
  createRequestContext,
  RequestContext,
  type RequestDetails,
} from "./context/request-context.ts";

export { createAppScope, Scope } from "./scope/scope.ts";
export type { Disposer, Lifetime, ScopeOptions, Seeds } from "./scope/scope.ts";
export { Container, createContainer } from "./scope/container.ts";
export type {
  Dependencies,
  GivenNames,
  Provided,
  ProvidedNames,
  Served,
  Unused,
  With,
} from "./scope/container.ts";
export { injectable, requestScoped, userScoped } from "./scope/decorators.ts";
export type { InjectionDecorator, InjectionOptions, Needed } from "./scope/decorators.ts";
export type { Need } from "./scope/injection.ts";
export type { Constructor } from "./scope/class-provider.ts";

export { createWebSocketManager, WebSocketManager } from "./connection/web-socket-manager.ts";
export type {
  Authenticated,
  Following,
  SendRefusal,
  SendResult,
  WebSocketManagerOptions,
} from "./connection/web-socket-manager.ts";
export type { Rendering } from "./connection/feed.ts";
export type { Transport, TransportListener } from "./connection/transport.ts";
export type { Connection, ConnectionState } from "./connection/connection.ts";

export {
  AgentWebSocketBridge,
  createAgentWebSocketBridge,
} from "./bridge/agent-web-socket-bridge.ts";
export type { AgentWebSocketBridgeOptions } from "./bridge/agent-web-socket-bridge.ts";

export {
  AgentExecutionRegistry,
  createAgentExecutionRegistry,
} from "./execution/agent-execution-registry.ts";
export type {
  AgentExecutionRegistryOptions,
  NamedAgent,
  RunSink,
  StartOptions,
} from "./execution/agent-execution-registry.ts";
export type { OnError } from "./internal/on-error.ts";
export type { Agent, AgentContext, AgentReturn } from "./execution/agent.ts";
export { AgentDiedError } from "./execution/agent-died-error.ts";
export { processAgent, workerAgent } from "./execution/isolated-agent.ts";
export type { IsolatedAgentOptions, OnOutput, OutputStream } from "./execution/isolated-agent.ts";
export {
  type AbstractAgentLike,
  type AbstractAgentOptions,
  fromAbstractAgent,
} from "./adapters/from-abstract-agent.ts";
export {
  fromLangGraph,
  type LangGraphLike,
  type LangGraphOptions,
} from "./adapters/from-lang-graph.ts";
export {
  fromStreamText,
  type StreamTextOptions,
  type StreamTextResultLike,
} from "./adapters/from-stream-text.ts";
export type { DoubleTexting } from "./execution/thread-lanes.ts";
export type { QueuePlace } from "./execution/queue-places.ts";
export type { QueuedRun, RunClaim, RunQueue, SpentTokens } from "./execution/run-queue.ts";
export {
  createRunScheduler,
  RunScheduler,
  type RunSchedulerOptions,
} from "./execution/run-scheduler.ts";
export { createMemoryRunQueue } from "./drivers/memory/memory-run-queue.ts";
export {
  createLoopWatchdog,
  type LoopWatchdog,
  type LoopWatchdogOptions,
} from "./execution/loop-watchdog.ts";
export type { Run, RunOutcome, RunStatus } from "./execution/run.ts";

export { createUserSessionManager, UserSessionManager } from "./session/user-session-manager.ts";
export type {
  EndedSession,
  IssuedTicket,
  RedeemedTicket,
  SessionDetails,
  TicketDetails,
  UserSession,
  UserSessionManagerOptions,
} from "./session/user-session-manager.ts";
export type {
  EndCause,
  SessionsAnswer,
  SessionStore,
  SessionTerms,
  StoredSession,
  StoredTicket,
} from "./session/session-store.ts";
export { createMemorySessionStore } from "./drivers/memory/memory-session-store.ts";

export type { Broker, Subscriber } from "./broker/broker.ts";
export { createMemoryBroker } from "./drivers/memory/memory-broker.ts";

export type {
  EventLog,
  LoggedRun,
  LogRecord,
  NewRecord,
  PageSize,
  Retention,
  Sharing,
  UserEventLog,
} from "./event-log/event-log.ts";
export {
  type AppendRefusal,
  type AppendResult,
  createUserStream,
  type Follower,
  UserStream,
  type UserStreamOptions,
} from "./event-log/user-stream.ts";
export {
  createMemoryEventLog,
  type MemoryEventLogOptions,
} from "./drivers/memory/memory-event-log.ts";

export { Monitor } from "./metrics/monitor.ts";
export type { Counts, EventCounts } from "./metrics/monitor.ts";
export type { Alarm, AlarmCode, HealthReport, Monitorable } from "./metrics/monitorable.ts";
export type { Logger } from "./metrics/logger.ts";

export type { Authenticate, Identity } from "./auth/authenticate.ts";
export { createJwtAuthenticator } from "./auth/jwt-authenticator.ts";
export type {
  IsRevoked,
  JwtAuthenticatorOptions,
  VerifiedToken,
} from "./auth/jwt-authenticator.ts";

export type { AgentEvent, WireEvent } from "./protocol/events.ts";
export { CLOSE, type CloseReason } from "./protocol/close-codes.ts";
export type {
  ClientFrame,
  ErrorFrame,
  ReadyFrame,
  ResumeAnswer,
  WireErrorCode,
} from "./protocol/frames.ts";
export type { Health } from "./http/request-listener.ts";
export { type ErrorCode, WatertightError } from "./errors.ts";
