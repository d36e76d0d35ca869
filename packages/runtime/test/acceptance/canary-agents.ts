import type { Interrupt, RunAgentInput } from "@ag-ui/core";
import type { Agent, AgentContext } from "../../src/execution/agent.ts";
import { type AgentEvent, EventType } from "../../src/protocol/events.ts";
import { createDeferred } from "../internal/deferred.ts";

/** Agents that repeat what their user said last, by every means that AG-UI has. */
export interface CanaryAgents {
  readonly byName: Readonly<Record<string, Agent>>;
  /** The runs that agents were started for, in order. */
  readonly started: readonly AgentContext[];
  /** Lets every agent that waits go on. */
  release(): void;
}

function said({ messages }: RunAgentInput): string {
  const content = messages.findLast(({ role }) => role === "user")?.content;
  return typeof content === "string" ? content : "nothing";
}

function* speak(id: string, text: string): Generator<AgentEvent> {
  yield { type: EventType.TEXT_MESSAGE_START, messageId: id, role: "assistant" };
  for (const delta of text.match(/.{1,15}/g) ?? []) {
    yield { type: EventType.TEXT_MESSAGE_CONTENT, messageId: id, delta };
  }
  yield { type: EventType.TEXT_MESSAGE_END, messageId: id };
}

function* think(text: string): Generator<AgentEvent> {
  const messageId = "thought";
  yield { type: EventType.REASONING_START, messageId };
  yield { type: EventType.REASONING_MESSAGE_START, messageId, role: "reasoning" };
  yield { type: EventType.REASONING_MESSAGE_CONTENT, messageId, delta: text };
  yield { type: EventType.REASONING_MESSAGE_END, messageId };
  yield { type: EventType.REASONING_END, messageId };
}

function* useTool(args: object, content: string): Generator<AgentEvent> {
  const toolCallId = "call";
  yield { type: EventType.TOOL_CALL_START, toolCallId, toolCallName: "search" };
  yield { type: EventType.TOOL_CALL_ARGS, toolCallId, delta: JSON.stringify(args) };
  yield { type: EventType.TOOL_CALL_END, toolCallId };
  yield { type: EventType.TOOL_CALL_RESULT, toolCallId, messageId: "result", content };
}

/** Makes the agents of one test. */
export function createCanaryAgents(): CanaryAgents {
  const started: AgentContext[] = [];
  const gate = createDeferred();
  const agents: Record<string, Agent> = {
    async *assistant(input) {
      const canary = said(input);
      yield { type: EventType.STEP_STARTED, stepName: "work" };
      yield* think(`thinks ${canary}`);
      yield* useTool({ query: canary }, `found ${canary}`);
      yield { type: EventType.STATE_SNAPSHOT, snapshot: { canary, steps: 1 } };
      yield { type: EventType.STATE_DELTA, delta: [{ op: "replace", path: "/steps", value: 2 }] };
      yield* speak("answer", `says ${canary}`);
      yield { type: EventType.STEP_FINISHED, stepName: "work" };
      return { result: { canary } };
    },
    async *asks(input) {
      const canary = said(input);
      const [answer] = input.resume ?? [];
      if (answer !== undefined) {
        yield* speak("answer", `${answer.status} ${JSON.stringify(answer.payload)} for ${canary}`);
        return;
      }
      yield* speak("asked", `asks ${canary}`);
      const interrupt: Interrupt = { id: "approval", reason: "confirmation", message: canary };
      return { interrupts: [interrupt] };
    },
    async *waits(input) {
      yield { type: EventType.CUSTOM, name: "waiting", value: said(input) };
      await gate.promise;
      yield* speak("answer", `says ${said(input)}`);
    },
    async *fails(input) {
      yield* speak("answer", `says ${said(input)}`);
      throw new Error("internal: db-password is hunter2");
    },
    /** Says what clients from before 1.0 don't know. */
    async *modern(input) {
      const canary = said(input);
      const subagentRunId = "helper";
      yield { type: EventType.SUBAGENT_STARTED, subagentRunId, name: canary };
      yield { type: EventType.SUBAGENT_FINISHED, subagentRunId };
      yield { type: "FUTURE_TYPE", canary } as unknown as AgentEvent;
      yield* useTool({}, "");
      const content = [{ type: "text" as const, text: `found ${canary}` }];
      yield { type: EventType.TOOL_CALL_RESULT, toolCallId: "call", messageId: "parts", content };
      yield* speak("answer", `says ${canary}`);
    },
    /** Says `count` numbers, a few at a time. */
    async *counts(input) {
      for (let i = 1; i <= Number(said(input)); i += 1) {
        yield { type: EventType.CUSTOM, name: "count", value: i };
        if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
  const watch = (agent: Agent): Agent =>
    async function* (input, context) {
      started.push(context);
      return yield* agent(input, context) as AsyncGenerator<AgentEvent>;
    };
  const byName = Object.fromEntries(
    Object.entries(agents).map(([name, agent]) => [name, watch(agent)]),
  );
  return { byName, started, release: () => gate.resolve() };
}
