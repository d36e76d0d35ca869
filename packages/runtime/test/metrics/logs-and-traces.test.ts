import { trace } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { describe, expect, it } from "vitest";
import { startServer } from "../http/test-server.ts";

const CANARY = "canary-4711";

describe("log lines", () => {
  it("tell of runs and failures by ids and codes, and never what was said or what an error says", async () => {
    const lines: string[] = [];
    const write =
      (level: string) =>
      (fields: object, message: string): void =>
        void lines.push(JSON.stringify({ level, ...fields, message }));
    const logger = { info: write("info"), warn: write("warn"), error: write("error") };
    await using server = await startServer({ logger });
    const alice = await server.connect("alice");
    const input = { threadId: "t", runId: "1", tools: [], context: [] };
    const messages = [{ id: "m", role: "user", content: CANARY }];
    alice.send({ type: "run", agent: "echo", input: { ...input, messages } });
    await alice.endOf("1");
    alice.run("fails", "2");
    await alice.endOf("2");

    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(
      told.map(({ level, message, runId, status, stage }) => [
        level,
        message,
        runId ?? stage,
        status,
      ]),
    ).toEqual([
      ["info", "run started", "1", undefined],
      ["info", "run ended", "1", "finished"],
      ["info", "run started", "2", undefined],
      ["info", "run ended", "2", "failed"],
      ["error", "failure", "agent", undefined],
    ]);
    expect(told[0]).toMatchObject({ tenantId: "default", userId: "alice", agent: "echo" });
    expect(lines.join("\n")).not.toMatch(/canary|hello|hunter2/);
    expect(server.told.map(({ error }) => String(error)).join()).toContain("hunter2");
  });
});

describe("traces", () => {
  it("have a span for each run, with its ids and its end, when an SDK is there", async () => {
    const exporter = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    });
    trace.setGlobalTracerProvider(provider);
    try {
      await using server = await startServer();
      const alice = await server.connect("alice");
      for (const agent of ["echo", "fails"]) {
        alice.run(agent, agent);
        await alice.endOf(agent);
      }

      const spans = exporter.getFinishedSpans().map(({ name, attributes, status }) => {
        return [
          name,
          attributes["watertight.runId"],
          attributes["watertight.run.status"],
          status.code,
        ];
      });
      expect(spans).toEqual([
        ["watertight.run", "echo", "finished", 0],
        ["watertight.run", "fails", "failed", 2],
      ]);
      expect(JSON.stringify(exporter.getFinishedSpans()[0]?.attributes)).not.toContain("hello");
    } finally {
      trace.disable();
      await provider.shutdown();
    }
  });
});
