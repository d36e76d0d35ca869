import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AbstractAgent, HttpAgent, type RunAgentInput } from "@ag-ui/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type AbstractAgentLike,
  fromAbstractAgent,
} from "../../src/adapters/from-abstract-agent.ts";
import { createDeferred } from "../internal/deferred.ts";
import { AgentBench } from "./agent-bench.ts";

type Observed = ReturnType<AbstractAgent["run"]>;
type Observer = Parameters<ReturnType<AbstractAgentLike["run"]>["subscribe"]>[0];

/** Makes an AG-UI agent of what it does to whoever listens; its stream is no more than a test needs. */
function agentOf(work: (input: RunAgentInput, observer: Observer) => void): {
  readonly create: () => AbstractAgent;
  readonly unsubscribed: number[];
} {
  const unsubscribed: number[] = [];
  class TestAgent extends AbstractAgent {
    run(input: RunAgentInput): Observed {
      const subscribe = (observer: Observer): { unsubscribe: () => void } => {
        work(input, observer);
        return { unsubscribe: () => void unsubscribed.push(1) };
      };
      return { subscribe } as unknown as Observed;
    }
  }
  return { create: () => new TestAgent(), unsubscribed };
}

const started = ({ threadId, runId }: RunAgentInput) => ({ type: "RUN_STARTED", threadId, runId });
const finished = ({ threadId, runId }: RunAgentInput, more: object = {}) => ({
  type: "RUN_FINISHED",
  threadId,
  runId,
  ...more,
});
const said = { type: "CUSTOM", name: "said", value: 1 };

describe("an AG-UI agent", () => {
  it("says what it says, and begins and ends nothing", async () => {
    await using bench = new AgentBench();
    const { create, unsubscribed } = agentOf((input, { next, complete }) => {
      for (const event of [started(input), said, finished(input, { result: 7 })]) next(event);
      complete();
    });

    expect(await bench.run(fromAbstractAgent(create))).toEqual({ status: "finished", result: 7 });
    expect(bench.events).toEqual([said]);
    expect(unsubscribed).toHaveLength(1);
  });

  it.each([
    [
      "interrupts",
      { outcome: { type: "interrupt", interrupts: [{ id: "i", reason: "r" }] } },
      "interrupted",
    ],
    ["interrupts for nothing", { outcome: { type: "interrupt", interrupts: [] } }, "failed"],
    ["is cancelled there", { outcome: { type: "cancelled" } }, "failed"],
    ["ends well", { outcome: { type: "success" } }, "finished"],
    ["ends in the old dialect", {}, "finished"],
    ["ends for another run", { runId: "other" }, "failed"],
    ["ends for another thread", { threadId: "other" }, "failed"],
  ])("that %s ends its run so", async (_, more, status) => {
    await using bench = new AgentBench();
    const { create } = agentOf((input, { next }) => {
      for (const event of [started(input), finished(input, more)]) next(event);
    });

    expect((await bench.run(fromAbstractAgent(create))).status).toBe(status);
  });

  it.each<[string, (input: RunAgentInput, observer: Observer) => void]>([
    ["says RUN_ERROR", (_, { next }) => next({ type: "RUN_ERROR", message: "no" })],
    ["stops without an end", (_, { complete }) => complete()],
    ["breaks", (_, { error }) => error(new Error("broken"))],
    ["says nothing sensible", (_, { next }) => next(7)],
    ["says something of another run", (_, { next }) => next({ ...said, runId: "other" })],
    [
      "says something of another thread",
      (_, { next }) => next({ ...said, metadata: { threadId: "other" } }),
    ],
    [
      "throws",
      () => {
        throw new Error("thrown");
      },
    ],
  ])("that %s fails", async (_, work) => {
    await using bench = new AgentBench();

    const outcome = await bench.run(fromAbstractAgent(agentOf(work).create));

    expect(outcome.status).toBe("failed");
    expect(bench.errors).toHaveLength(1);
    expect(bench.events).toEqual([]);
  });

  it("is asked under names that no other user has, and its events come back under ours", async () => {
    await using alice = new AgentBench("alice");
    await using bob = new AgentBench("bob");
    const asked: RunAgentInput[] = [];
    const { create } = agentOf((input, { next }) => {
      asked.push(input);
      const { threadId, runId } = input;
      for (const event of [started(input), { ...said, metadata: { threadId, runId, seq: 1 } }]) {
        next(event);
      }
      next(finished(input));
    });
    const agent = fromAbstractAgent(create);

    for (const bench of [alice, bob]) expect((await bench.run(agent)).status).toBe("finished");

    expect(new Set(asked.map(({ threadId }) => threadId)).size).toBe(2);
    expect(new Set(asked.map(({ runId }) => runId)).size).toBe(2);
    expect(bob.events).toMatchObject([{ metadata: { threadId: "thread", runId: "run" } }]);
  });

  it("is a new one for each run, or the run fails", async () => {
    await using bench = new AgentBench();
    const { create } = agentOf((input, { next }) => next(finished(input)));
    const shared = create();
    const agent = fromAbstractAgent(() => shared);

    expect((await bench.run(agent, { runId: "1" })).status).toBe("finished");
    expect(await bench.run(agent, { runId: "2" })).toMatchObject({
      status: "failed",
      error: { code: "WT_OPTION_INVALID" },
    });
  });

  it("is let go of when the run is cancelled", async () => {
    await using bench = new AgentBench();
    const { create, unsubscribed } = agentOf((input, { next }) => {
      for (const event of [started(input), said]) next(event);
    });
    const run = bench.start(fromAbstractAgent(create));
    await expect.poll(() => bench.events).toHaveLength(1);

    run.end({ status: "cancelled" });

    await expect.poll(() => unsubscribed.length).toBeGreaterThan(0);
    expect(bench.errors).toEqual([]);
  });

  it("that says more than may wait fails, and fills no memory", async () => {
    await using bench = new AgentBench();
    const { create } = agentOf((_, { next }) => {
      for (let i = 0; i < 100; i += 1) next(said);
    });
    const few = fromAbstractAgent(create, { maxBufferedEvents: 100 });
    const fewer = fromAbstractAgent(create, { maxBufferedEvents: 99 });

    const run = bench.start(few, { runId: "1" });
    await expect.poll(() => bench.events.length).toBe(100);
    expect(run.isActive).toBe(true);
    expect((await bench.run(fewer, { runId: "2" })).status).toBe("failed");
  });
});

describe("an HttpAgent", () => {
  const seen: RunAgentInput[] = [];
  const closed = createDeferred();
  let server: Server;
  beforeAll(async () => {
    server = createServer((request, response) => {
      void (async () => {
        let body = "";
        for await (const chunk of request) body += String(chunk);
        const input = JSON.parse(body) as RunAgentInput;
        seen.push(input);
        response.writeHead(200, { "content-type": "text/event-stream" });
        const write = (event: object): void =>
          void response.write(`data: ${JSON.stringify(event)}\n\n`);
        write(started(input));
        write({ type: "TEXT_MESSAGE_START", messageId: "m", role: "assistant" });
        write({ type: "TEXT_MESSAGE_CONTENT", messageId: "m", delta: "hello" });
        write({ type: "TEXT_MESSAGE_END", messageId: "m" });
        if (input.forwardedProps === "wait")
          return void response.on("close", () => closed.resolve());
        write(finished(input));
        response.end();
      })();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterAll(() => void server.close());
  const agent = fromAbstractAgent(() => {
    const { port } = server.address() as AddressInfo;
    return new HttpAgent({ url: `http://127.0.0.1:${port}/` });
  });

  it("is heard over the wire", async () => {
    await using bench = new AgentBench();
    const messages = [{ id: "u", role: "user" as const, content: "hi" }];

    expect(await bench.run(agent, { messages })).toEqual({ status: "finished" });

    expect(bench.text).toBe("hello");
    expect(bench.types).toEqual(["TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END"]);
    expect(seen.at(-1)?.messages).toMatchObject(messages);
  });

  it("hangs up when the run is cancelled", async () => {
    await using bench = new AgentBench();
    const run = bench.start(agent, { forwardedProps: "wait" });
    await expect.poll(() => bench.text).toBe("hello");

    run.end({ status: "cancelled" });

    await closed.promise;
  });
});
