export { CanaryBook, type CanaryOwner, type CanaryShape, SENTINEL } from "./canary.ts";
export { WebSocketEventCapture } from "./capture/web-socket-event-capture.ts";
export type { Arrival, QuietOptions } from "./capture/web-socket-event-capture.ts";
export { defineConfig } from "./config/define-config.ts";
export type {
  AgentCall,
  AgentConversation,
  BesideCommand,
  CommandTarget,
  ComponentClasses,
  ComponentsTarget,
  Config,
  EverythingSettings,
  RaceSettings,
  SinkConfig,
  Step,
  UrlTarget,
} from "./config/define-config.ts";
export { type CanaryHit, scanForCanaries } from "./detectors/canary-scan.ts";
export { createNeedles } from "./detectors/needles.ts";
export type { Needle } from "./detectors/needles.ts";
export { SingletonDetector } from "./detectors/heap-graph/singleton-detector.ts";
export type { SingletonEvidence } from "./detectors/heap-graph/singleton-detector.ts";
export { readHeapSnapshot } from "./detectors/heap-graph/snapshot.ts";
export type { HeapSnapshot } from "./detectors/heap-graph/snapshot.ts";
export { ToolError, type ToolErrorCode } from "./errors.ts";
export type * from "./finding.ts";
export { expectNoForeignCanaries, type Reception } from "./laws/foreign-canaries.ts";
export { type PlayedRound, playRound, type RoundOptions } from "./laws/played-round.ts";
export { expectScopedFactory } from "./laws/scoped-factory.ts";
export type { Create, LawUser, ScopedFactoryOptions } from "./laws/scoped-factory.ts";
export { equalNames, lockstep, oneAfterAnother, overlap } from "./patterns/pattern.ts";
export type { Pattern, UserTask } from "./patterns/pattern.ts";
export type { Received } from "./received.ts";
export type { SinkAnswer, SinkAnswerer, SinkRequest } from "./sinks/answer.ts";
export type { SinkKind } from "./sinks/sink.ts";
export type * from "./report.ts";
export { ConcurrentUserSimulator } from "./simulate/concurrent-user-simulator.ts";
export type {
  Outcome,
  Recorder,
  RoundPlan,
  SignIn,
  SimulatorOptions,
} from "./simulate/concurrent-user-simulator.ts";
export { graphql, type GraphqlAnswer } from "./drivers/graphql.ts";
export { type McpOptions, type McpSession, openMcp } from "./drivers/mcp-session.ts";
export { openSocketIo, type SocketIoClient, type SocketIoOptions } from "./drivers/socket-io.ts";
export { createIdentities } from "./simulate/simulated-user.ts";
export type { Credentials, SimulatedUser, UserIdentity } from "./simulate/simulated-user.ts";
export type { SentRequest, UserFetchOptions } from "./simulate/user-http.ts";
export type { StreamEvent, UserStream } from "./simulate/user-stream.ts";
export { readStreamEvent } from "./simulate/user-stream.ts";
export type { SocketClose, UserSocket } from "./simulate/user-socket.ts";
