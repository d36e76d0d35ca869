import {
  type AgentExecutionRegistry,
  type AgentExecutionRegistryOptions,
  createAgentExecutionRegistry,
} from "../../src/execution/agent-execution-registry.ts";
import type { Run, RunOutcome } from "../../src/execution/run.ts";
import {
  createRequestContext,
  type RequestContext,
  type RequestDetails,
} from "../../src/context/request-context.ts";
import { createUserContext, type UserContext } from "../../src/context/user-context.ts";
import { createTestAgents, type TestAgents } from "./test-agents.ts";

/** A registry of one user, and everything that its sink was told, in order. */
export class RegistryBench implements AsyncDisposable {
  readonly user: UserContext;
  readonly registry: AgentExecutionRegistry;
  readonly agents: TestAgents = createTestAgents();
  readonly told: string[] = [];
  readonly outcomes: RunOutcome[] = [];
  readonly errors: { readonly error: unknown; readonly stage: string }[] = [];

  constructor(options: Partial<AgentExecutionRegistryOptions> = {}, userId = "alice") {
    this.user = createUserContext({ userId });
    this.registry = createAgentExecutionRegistry(this.request("opening"), {
      sink: {
        begin: ({ runId }) => void this.told.push(`begin ${runId}`),
        event: ({ runId }, event) => void this.told.push(`${event.type} ${runId}`),
        end: ({ runId }, _, outcome) => {
          this.told.push(`end ${runId} ${outcome.status}`);
          this.outcomes.push(outcome);
        },
      },
      onError: (error, { stage }) => this.errors.push({ error, stage }),
      ...options,
    });
  }

  request(runId: string, details: Partial<RequestDetails> = {}): RequestContext {
    return createRequestContext(this.user, { threadId: "thread", runId, ...details });
  }

  start(name: string, runId: string, details: Partial<RequestDetails> = {}): Run {
    const agent = this.agents.byName[name];
    if (agent === undefined) throw new Error(`no agent ${name}`);
    const request = this.request(runId, details);
    const { threadId } = request;
    const input = { threadId, runId, messages: [], tools: [], context: [] };
    return this.registry.start(request, { name, agent }, input);
  }

  ends(runId: string): readonly string[] {
    return this.told.filter((entry) => entry.startsWith(`end ${runId} `));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.agents.release();
    await this.registry.dispose();
  }
}
