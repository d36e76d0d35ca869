import type { RunAgentInput } from "@ag-ui/core";
import { AIMessage, AIMessageChunk, ToolMessage } from "@langchain/core/messages";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import {
  Command,
  interrupt,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { fromLangGraph } from "../../src/adapters/from-lang-graph.ts";
import { AgentBench } from "./agent-bench.ts";

type State = typeof MessagesAnnotation.State;

const user = (id: string, content: string): RunAgentInput["messages"][number] => ({
  id,
  role: "user",
  content,
});

/** One graph with one checkpointer for everybody, whose only node is this one. */
function graphOf(node: (state: State) => Promise<Partial<State>>, saver = new MemorySaver()) {
  return new StateGraph(MessagesAnnotation)
    .addNode("node", node)
    .addEdge(START, "node")
    .compile({ checkpointer: saver });
}

/** Answers with everything that it was ever told on this thread. */
const remembers = (saver?: MemorySaver) =>
  graphOf(({ messages }) => {
    const all = messages.map((message) => message.text).join(" ");
    return Promise.resolve({ messages: [new AIMessage({ content: `[${all}]` })] });
  }, saver);

describe("a graph", () => {
  it("streams what its model says as one message", async () => {
    await using bench = new AgentBench();
    const model = new FakeListChatModel({ responses: ["hello"] });
    const graph = graphOf(async ({ messages }) => ({ messages: [await model.invoke(messages)] }));

    const outcome = await bench.run(fromLangGraph(graph), { messages: [user("u", "hi")] });

    expect(outcome).toEqual({ status: "finished" });
    expect(bench.text).toBe("hello");
    expect(bench.types).toEqual([
      "TEXT_MESSAGE_START",
      ...Array.from({ length: 5 }, () => "TEXT_MESSAGE_CONTENT"),
      "TEXT_MESSAGE_END",
    ]);
    expect(new Set(bench.events.map(({ messageId }) => messageId)).size).toBe(1);
  });

  it("never shows one user the state of another, the thread id being the same", async () => {
    await using alice = new AgentBench("alice");
    await using bob = new AgentBench("bob");
    const agent = fromLangGraph(remembers());

    await alice.run(agent, { runId: "1", messages: [user("a1", "alices-secret")] });
    await bob.run(agent, { runId: "1", messages: [user("b1", "bobs-word")] });
    await alice.run(agent, { runId: "2", messages: [user("a2", "again")] });

    expect(bob.text).toBe("[bobs-word]");
    // The positive control: the graph does keep the thread of a user.
    expect(alice.text).toBe("[alices-secret][alices-secret [alices-secret] again]");
  });

  it("can't be given another thread by its config", async () => {
    await using alice = new AgentBench("alice");
    await using bob = new AgentBench("bob");
    const config = () => ({ recursionLimit: 5, configurable: { thread_id: "shared", mine: 1 } });
    const agent = fromLangGraph(remembers(), { config });

    await alice.run(agent, { messages: [user("a1", "alices-secret")] });
    await bob.run(agent, { messages: [user("b1", "bobs-word")] });

    expect(bob.text).toBe("[bobs-word]");
  });

  it("takes a message that it knows for the same, so that a whole conversation may be sent again", async () => {
    await using bench = new AgentBench();
    const agent = fromLangGraph(remembers());
    await bench.run(agent, { runId: "1", messages: [user("a1", "one")] });
    const [{ messageId = "" } = {}] = bench.events as readonly { messageId?: string }[];
    const answer = { id: messageId, role: "assistant" as const, content: "[one]" };

    await bench.run(agent, {
      runId: "2",
      messages: [user("a1", "one"), answer, user("a2", "two")],
    });

    expect(bench.text).toBe("[one][one [one] two]");
  });

  it("tells tool calls, whole or in pieces, and what they answered", async () => {
    await using bench = new AgentBench();
    const pieces = [
      new AIMessageChunk({
        id: "m2",
        content: "",
        tool_call_chunks: [{ index: 0, id: "c2", name: "look", args: '{"q"' }],
      }),
      new AIMessageChunk({ id: "m2", content: "", tool_call_chunks: [{ index: 0, args: ":2}" }] }),
    ];
    const graph = {
      async stream() {
        const whole = new AIMessage({
          id: "m1",
          content: "",
          tool_calls: [{ id: "c1", name: "look", args: { q: 1 } }],
        });
        const result = new ToolMessage({ id: "t1", tool_call_id: "c1", content: "found" });
        return (async function* () {
          for (const message of [whole, result, ...pieces]) {
            yield ["messages", [message, { langgraph_node: "node" }]];
          }
          yield ["updates", { node: {} }];
        })();
      },
    };

    expect(await bench.run(fromLangGraph(graph))).toEqual({ status: "finished" });

    expect(bench.events).toEqual([
      { type: "TOOL_CALL_START", toolCallId: "c1", toolCallName: "look" },
      { type: "TOOL_CALL_ARGS", toolCallId: "c1", delta: '{"q":1}' },
      { type: "TOOL_CALL_END", toolCallId: "c1" },
      { type: "TOOL_CALL_RESULT", messageId: "t1", toolCallId: "c1", content: "found" },
      { type: "TOOL_CALL_START", toolCallId: "c2", toolCallName: "look" },
      { type: "TOOL_CALL_ARGS", toolCallId: "c2", delta: '{"q"' },
      { type: "TOOL_CALL_ARGS", toolCallId: "c2", delta: ":2}" },
      { type: "TOOL_CALL_END", toolCallId: "c2" },
    ]);
  });

  it("that asks a person interrupts the run, and goes on with the answer in a new one", async () => {
    await using bench = new AgentBench();
    const graph = graphOf(() => {
      const answer: unknown = interrupt("May I?");
      return Promise.resolve({ messages: [new AIMessage(`You said ${String(answer)}`)] });
    });
    const agent = fromLangGraph(graph, {
      resume: ([answer]) => new Command({ resume: answer?.payload }),
    });

    const asked = await bench.run(agent, { runId: "1", messages: [user("u", "do it")] });
    expect(asked).toMatchObject({ status: "interrupted", interrupts: [{ message: "May I?" }] });
    const { interrupts } = asked as { interrupts: readonly { id: string }[] };
    const resume = [
      { interruptId: interrupts[0]?.id ?? "", status: "resolved" as const, payload: "yes" },
    ];

    expect(await bench.run(agent, { runId: "2", resume })).toEqual({ status: "finished" });
    expect(bench.text).toBe("You said yes");
    expect(await bench.run(fromLangGraph(graph), { runId: "3", resume })).toMatchObject({
      status: "failed",
      error: { code: "WT_OPTION_INVALID" },
    });
  });

  it("that throws fails the run, and one that is cancelled stops", async () => {
    await using bench = new AgentBench();
    const signals: AbortSignal[] = [];
    const fails = graphOf(() => Promise.reject(new Error("internal")));
    const hangs = new StateGraph(MessagesAnnotation)
      .addNode("node", (_, { signal }) => {
        if (signal !== undefined) signals.push(signal);
        return new Promise<Partial<State>>(() => {});
      })
      .addEdge(START, "node")
      .compile();

    expect((await bench.run(fromLangGraph(fails), { runId: "1" })).status).toBe("failed");
    const run = bench.start(fromLangGraph(hangs), { runId: "2" });
    await expect.poll(() => signals.length).toBe(1);
    run.end({ status: "cancelled" });

    await expect.poll(() => signals[0]?.aborted).toBe(true);
  });
});
