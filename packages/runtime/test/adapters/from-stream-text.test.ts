import { isStepCount, simulateReadableStream, streamText, tool } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fromStreamText } from "../../src/adapters/from-stream-text.ts";
import type { Agent } from "../../src/execution/agent.ts";
import { AgentBench } from "./agent-bench.ts";

type Chunk =
  Awaited<ReturnType<MockLanguageModelV4["doStream"]>>["stream"] extends ReadableStream<infer T>
    ? T
    : never;

const USAGE = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};
const finish = (unified: "stop" | "tool-calls"): Chunk => ({
  type: "finish",
  finishReason: { unified, raw: unified },
  usage: USAGE,
});
const text = (...deltas: string[]): Chunk[] => [
  { type: "text-start", id: "0" },
  ...deltas.map((delta): Chunk => ({ type: "text-delta", id: "0", delta })),
  { type: "text-end", id: "0" },
];
const call = (toolCallId: string, toolName: string, input: string): Chunk => ({
  type: "tool-call",
  toolCallId,
  toolName,
  input,
});

/** A model that says these steps, one a call. */
function modelOf(...steps: Chunk[][]): MockLanguageModelV4 {
  const left = [...steps];
  return new MockLanguageModelV4({
    doStream: () =>
      Promise.resolve({
        stream: simulateReadableStream({
          chunks: [{ type: "stream-start", warnings: [] } as Chunk, ...(left.shift() ?? [])],
        }),
      }),
  });
}

const tools = {
  look: tool({ inputSchema: z.object({ q: z.number() }), execute: () => ({ found: 1 }) }),
  breaks: tool({
    inputSchema: z.object({}),
    execute: (): string => {
      throw new Error("internal: hunter2");
    },
  }),
};

function agentOf(model: MockLanguageModelV4, more: object = {}): Agent {
  return fromStreamText((_, { signal }) =>
    streamText({
      model,
      prompt: "hi",
      tools,
      stopWhen: isStepCount(5),
      abortSignal: signal,
      onError: () => {},
      ...more,
    }),
  );
}

describe("a text stream", () => {
  it("is told as messages, whose ids are no other's though the provider numbers them from 0", async () => {
    await using bench = new AgentBench();
    const [one, two] = ["1", "2"].map((runId) => ({ runId }));

    for (const input of [one, two]) {
      const agent = agentOf(modelOf([...text("hel", "", "lo"), finish("stop")]));
      expect(await bench.run(agent, input)).toEqual({ status: "finished" });
    }

    expect(bench.types.slice(0, 6)).toEqual([
      "STEP_STARTED",
      "TEXT_MESSAGE_START",
      "TEXT_MESSAGE_CONTENT",
      "TEXT_MESSAGE_CONTENT",
      "TEXT_MESSAGE_END",
      "STEP_FINISHED",
    ]);
    expect(bench.text).toBe("hellohello");
    const ids = bench.events.map(({ messageId }) => messageId).filter(Boolean);
    expect(new Set(ids).size).toBe(2);
  });

  it("counts what each of its steps used", async () => {
    await using bench = new AgentBench();
    const used: number[] = [];
    const agent = agentOf(
      modelOf(
        [call("c1", "look", '{"q":1}'), finish("tool-calls")],
        [...text("found"), finish("stop")],
      ),
    );

    await bench.run((input, context) =>
      agent(input, { ...context, reportUsage: (tokens) => void used.push(tokens) }),
    );

    expect(used).toEqual([2, 2]);
  });

  it("is told with its reasoning, its tool calls and what they answered", async () => {
    await using bench = new AgentBench();
    const model = modelOf(
      [
        { type: "reasoning-start", id: "0" },
        { type: "reasoning-delta", id: "0", delta: "hm" },
        { type: "reasoning-end", id: "0" },
        { type: "tool-input-start", id: "c1", toolName: "look" },
        { type: "tool-input-delta", id: "c1", delta: '{"q":1}' },
        { type: "tool-input-end", id: "c1" },
        call("c1", "look", '{"q":1}'),
        call("c2", "look", '{"q":2}'),
        finish("tool-calls"),
      ],
      [...text("found"), finish("stop")],
    );

    expect(await bench.run(agentOf(model))).toEqual({ status: "finished" });

    const story = bench.types.filter((type) => /^(REASONING|TOOL)/.test(type));
    expect(story.slice(0, 5)).toEqual([
      "REASONING_START",
      "REASONING_MESSAGE_START",
      "REASONING_MESSAGE_CONTENT",
      "REASONING_MESSAGE_END",
      "REASONING_END",
    ]);
    for (const [toolCallId, delta] of [
      ["c1", '{"q":1}'],
      ["c2", '{"q":2}'],
    ]) {
      const own = bench.events.filter((event) => event["toolCallId"] === toolCallId);
      expect(own).toMatchObject([
        { type: "TOOL_CALL_START", toolCallName: "look" },
        { type: "TOOL_CALL_ARGS", delta },
        { type: "TOOL_CALL_END" },
        { type: "TOOL_CALL_RESULT", content: '{"found":1}' },
      ]);
    }
    expect(bench.text).toBe("found");
  });

  it("says that a tool failed, not why", async () => {
    await using bench = new AgentBench();
    const model = modelOf(
      [call("c1", "breaks", "{}"), finish("tool-calls")],
      [...text("sorry"), finish("stop")],
    );

    expect(await bench.run(agentOf(model))).toEqual({ status: "finished" });

    const [result] = bench.events.filter(({ type }) => type === "TOOL_CALL_RESULT");
    expect(result).toMatchObject({ toolCallId: "c1", content: '{"error":"The tool failed."}' });
    expect(JSON.stringify(bench.events)).not.toContain("hunter2");
  });

  it("that needs a person's leave for a tool interrupts the run", async () => {
    await using bench = new AgentBench();
    const model = modelOf([call("c1", "look", '{"q":1}'), finish("tool-calls")]);

    const outcome = await bench.run(agentOf(model, { toolApproval: { look: "user-approval" } }));

    expect(outcome).toMatchObject({
      status: "interrupted",
      interrupts: [
        { reason: "tool_approval", toolCallId: "c1", message: "May the tool look run?" },
      ],
    });
    expect(bench.types).not.toContain("TOOL_CALL_RESULT");
  });

  it("that breaks fails the run, and the operator hears why", async () => {
    await using bench = new AgentBench();
    const error = new Error("internal: hunter2");

    expect((await bench.run(agentOf(modelOf([{ type: "error", error }])))).status).toBe("failed");
    expect(bench.errors).toEqual([error]);
  });

  it("that stops without an end fails the run", async () => {
    await using bench = new AgentBench();
    const agent = fromStreamText(() => ({
      fullStream: new ReadableStream({ start: (controller) => controller.close() }) as never,
    }));

    expect((await bench.run(agent)).status).toBe("failed");
  });

  it("is aborted when the run is cancelled", async () => {
    await using bench = new AgentBench();
    const signals: (AbortSignal | undefined)[] = [];
    const model = new MockLanguageModelV4({
      doStream: ({ abortSignal }) => {
        signals.push(abortSignal);
        const chunks: Chunk[] = [{ type: "stream-start", warnings: [] }, ...text("hello")];
        const stream = simulateReadableStream({
          chunks: [...chunks, finish("stop")],
          chunkDelayInMs: 200,
        });
        return Promise.resolve({ stream });
      },
    });
    const run = bench.start(agentOf(model));
    await expect.poll(() => signals.length).toBe(1);

    run.end({ status: "cancelled" });

    expect(signals[0]?.aborted).toBe(true);
    expect(await run.ended).toEqual({ status: "cancelled" });
  });
});
