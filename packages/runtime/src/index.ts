export { createRuntime } from "./create-runtime.ts";
export type { Runtime } from "./create-runtime.ts";
export type { RuntimeLimits, RuntimeOptions } from "./runtime-options.ts";

export { createUserContext, UserContext, type UserIdentity } from "./context/user-context.ts";
export {
  createRequestContext,
  RequestContext,
  type RequestDetails,
} from "./context/request-context.ts";

export { createAppScope, Scope } from "./scope/scope.ts";
export type { Disposer, Lifetime, ScopeOptions } from "./scope/scope.ts";

export { createWebSocketManager, WebSocketManager } from "./connection/web-socket-manager.ts";
export type {
  Authenticated,
  SendResult,
  WebSocketManagerOptions,
} from "./connection/web-socket-manager.ts";
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
} from "./execution/agent-execution-registry.ts";
export type { OnError } from "./internal/on-error.ts";
export type { Agent, AgentContext } from "./execution/agent.ts";
export type { Run, RunOutcome, RunStatus } from "./execution/run.ts";

export { createUserSessionManager, UserSessionManager } from "./session/user-session-manager.ts";
export type {
  EndedSession,
  UserSession,
  UserSessionManagerOptions,
} from "./session/user-session-manager.ts";

export type { Authenticate, Identity } from "./auth/authenticate.ts";
export { createJwtAuthenticator, type JwtAuthenticatorOptions } from "./auth/jwt-authenticator.ts";

export type { AgentEvent, WireEvent } from "./protocol/events.ts";
export { CLOSE, type CloseReason } from "./protocol/close-codes.ts";
export type { ClientFrame, ErrorFrame, ReadyFrame, WireErrorCode } from "./protocol/frames.ts";
export type { Health } from "./http/request-listener.ts";
export { type ErrorCode, WatertightError } from "./errors.ts";
