export { defineConfig } from "./config/define-config.ts";
export type {
  AgentCall,
  AgentConversation,
  CommandTarget,
  ComponentClasses,
  ComponentsTarget,
  Config,
  EverythingSettings,
  RaceSettings,
} from "./config/define-config.ts";
export type { SimulatedUser, UserFetchOptions } from "./simulate/simulated-user.ts";
export type { Credentials, UserIdentity } from "./simulate/simulated-user.ts";
export type { SocketClose, UserSocket } from "./simulate/user-socket.ts";
export type { Received } from "./received.ts";
export type * from "./finding.ts";
export type * from "./report.ts";
export { ToolError, type ToolErrorCode } from "./errors.ts";
