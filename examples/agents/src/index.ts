export type { Agent, AgentContext, AgentEvent } from "./agent.ts";
export { type AgentEnvironment, createAgents } from "./create-agents.ts";
