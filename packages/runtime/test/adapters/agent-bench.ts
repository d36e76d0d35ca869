import { createRequestContext } from "../../src/context/request-context.ts";
import { createUserContext } from "../../src/context/user-context.ts";
import type { Agent } from "../../src/execution/agent.ts";
import {
  type AgentExecutionRegistry,
  createAgentExecutionRegistry,
} from "../../src/execution/agent-execution-registry.ts";
import type { Run, RunOutcome } from "../../src/execution/run.ts";
import type { RunAgentInput } from "@ag-ui/core";

/** What a test looks at in an event. */
export type Told = Readonly<Record<string, unknown>> & { readonly type: string };

/** The registry of one user, whose agents are adapted ones, and what they said. */
export class AgentBench implements AsyncDisposable {
  readonly events: Told[] = [];
  readonly errors: unknown[] = [];
  readonly registry: AgentExecutionRegistry;

  constructor(userId = "alice") {
    const user = createUserContext({ userId });
    const opening = createRequestContext(user, { threadId: "user", runId: "user" });
    this.registry = createAgentExecutionRegistry(opening, {
      sink: {
        begin: () => {},
        event: (_, event) => void this.events.push(event as unknown as Told),
        end: () => {},
      },
      onError: (error) => void this.errors.push(error),
    });
  }

  start(agent: Agent, input: Partial<RunAgentInput> = {}): Run {
    const ids = { threadId: "thread", runId: "run" };
    const whole = { ...ids, messages: [], tools: [], context: [], ...input };
    const { threadId, runId } = whole;
    const request = createRequestContext(this.registry.user, { threadId, runId });
    return this.registry.start(request, { name: "adapted", agent }, whole);
  }

  run(agent: Agent, input: Partial<RunAgentInput> = {}): Promise<RunOutcome> {
    return this.start(agent, input).ended;
  }

  get types(): readonly string[] {
    return this.events.map(({ type }) => type);
  }

  /** All that was said as text. */
  get text(): string {
    const said = this.events.filter(({ type }) => type === "TEXT_MESSAGE_CONTENT");
    return said.map(({ delta }) => String(delta)).join("");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.registry.dispose();
  }
}
