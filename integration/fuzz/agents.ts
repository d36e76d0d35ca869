import { setTimeout as delay } from "node:timers/promises";
import type { Agent } from "@watertight/runtime";
import { canaryOf } from "../chaos/ledger.ts";
import { scriptOf } from "../chaos/script.ts";

/** Agents of every kind, the bad ones too. Each puts its user's canary into what it says. */
export function createAgents(seed: string): Readonly<Record<string, Agent>> {
  return Object.freeze({
    streamer: createStreamer(seed),
    echo: createEcho(seed),
    liar,
    thrower,
    hung,
    asker,
  });
}

/** What the witnesses talk to: the judge knows each word. */
function createStreamer(seed: string): Agent {
  return async function* (_input, { user: { userId }, threadId, runId, signal }) {
    const canary = canaryOf(seed, userId);
    for (const { event, pauseMs } of scriptOf({ userId, canary, threadId, runId })) {
      await delay(pauseMs, undefined, { signal });
      yield event as never;
    }
  };
}

/** Says back whatever it was told. */
function createEcho(seed: string): Agent {
  return async function* (input, { user: { userId } }) {
    const messageId = "m";
    const { messages, state, forwardedProps, tools } = input;
    yield { type: "TEXT_MESSAGE_START", messageId, role: "assistant" };
    yield { type: "TEXT_MESSAGE_CONTENT", messageId, delta: canaryOf(seed, userId) };
    yield { type: "STATE_SNAPSHOT", snapshot: state };
    yield { type: "CUSTOM", name: "props", value: forwardedProps };
    yield { type: "MESSAGES_SNAPSHOT", messages };
    yield { type: "TOOL_CALL_START", toolCallId: "t", toolCallName: "tool" };
    yield { type: "TOOL_CALL_ARGS", toolCallId: "t", delta: JSON.stringify(tools ?? null) };
  } as Agent;
}

/** Says what no agent may, another thing in each run. */
const liar: Agent = async function* ({ runId }) {
  const circle: Record<string, unknown> = { type: "CUSTOM", name: "circle" };
  circle["value"] = circle;
  const lies: readonly unknown[] = [
    { type: "RUN_FINISHED", threadId: "thread-0", runId: "run-0" },
    { type: "CUSTOM", name: "of another run", value: 1, metadata: { runId: "run-0" } },
    { type: "lower" },
    null,
    "TEXT",
    circle,
    { type: "CUSTOM", name: "big", value: 10n },
    {
      type: "CUSTOM",
      name: "x",
      value: {
        toJSON: () => {
          throw new Error("no JSON");
        },
      },
    },
  ];
  yield { type: "CUSTOM", name: "before", value: 1 };
  yield lies[runId.length % lies.length] as never;
};

const thrower: Agent = async function* ({ runId }) {
  if (runId.length % 2 === 0) yield { type: "CUSTOM", name: "before", value: 1 };
  throw new Error("This agent fails.");
};

/** Never says anything; it is found dead. */
const hung: Agent = async function* () {
  await new Promise(() => {});
  yield { type: "CUSTOM", name: "never", value: 1 };
};

const asker: Agent = async function* ({ resume }) {
  yield { type: "CUSTOM", name: "answers", value: resume };
  return { interrupts: [{ id: "question-1", reason: "confirmation" }] };
};
