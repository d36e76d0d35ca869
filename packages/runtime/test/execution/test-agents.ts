import type { Agent, AgentContext } from "../../src/execution/agent.ts";
import { type AgentEvent, EventType } from "../../src/protocol/events.ts";
import { createDeferred } from "../internal/deferred.ts";

/** Agents whose pace the test sets: `wait` goes on when the test says so. */
export interface TestAgents {
  readonly byName: Readonly<Record<string, Agent>>;
  /** The agents that have started, in order. */
  readonly started: readonly AgentContext[];
  /** The contexts whose agent has left, however it did. */
  readonly left: ReadonlySet<AgentContext>;
  /** Lets every agent that waits, now or later, go on. */
  release(): void;
}

/** Makes the agents of one test. */
export function createTestAgents(): TestAgents {
  const started: AgentContext[] = [];
  const left = new Set<AgentContext>();
  const gate = createDeferred();
  const all: Record<string, (context: AgentContext) => AsyncGenerator<AgentEvent>> = {
    /** Says the user's id and ends well. */
    async *echo({ user }) {
      yield text("START");
      yield { ...text("CONTENT"), delta: `hello ${user.userId}` } as AgentEvent;
      yield text("END");
    },
    /** Says something, waits for the gate, says more and ends well. */
    async *wait({ user }) {
      yield custom(`before ${user.userId}`);
      await gate.promise;
      yield custom(`after ${user.userId}`);
    },
    /** Leaves a message, a tool call, a step and a thought open. */
    async *untidy() {
      yield { type: EventType.STEP_STARTED, stepName: "step" };
      yield text("START");
      yield { type: EventType.TOOL_CALL_START, toolCallId: "call", toolCallName: "tool" };
      yield { type: EventType.REASONING_START, messageId: "thought" };
    },
    async *fails() {
      yield custom("before");
      throw new Error("internal: db-password is hunter2");
    },
    async *hangs() {
      yield custom("before");
      await new Promise(() => {});
    },
    /** Ends the run itself, which the types forbid. */
    async *usurps({ threadId, runId }) {
      yield { type: "RUN_FINISHED", threadId, runId } as unknown as AgentEvent;
      yield custom("after");
    },
    /** Says what JSON can't. */
    async *unwritable() {
      yield custom("before");
      yield { type: EventType.CUSTOM, name: "big", value: 1n };
    },
    /** Says very much. */
    async *floods() {
      for (let i = 0; i < 400; i += 1) yield custom("x".repeat(64 * 1024));
    },
  };
  const watch = (body: (context: AgentContext) => AsyncGenerator<AgentEvent>): Agent =>
    async function* (_input, context) {
      started.push(context);
      try {
        yield* body(context);
      } finally {
        left.add(context);
      }
    };
  const byName = Object.fromEntries(Object.entries(all).map(([name, body]) => [name, watch(body)]));
  return { byName, started, left, release: () => gate.resolve() };
}

function custom(value: string): AgentEvent {
  return { type: EventType.CUSTOM, name: "said", value };
}

function text(part: "START" | "CONTENT" | "END"): AgentEvent {
  const role = "assistant";
  return { type: `TEXT_MESSAGE_${part}`, messageId: "message", role } as AgentEvent;
}
