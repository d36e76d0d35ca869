import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readClientFrame } from "../../src/protocol/frames.ts";

const input = { threadId: "t", runId: "r", messages: [], tools: [], context: [] };
const read = (value: unknown) => readClientFrame(JSON.stringify(value));

describe("a frame", () => {
  it.each([
    [{ type: "run", agent: "echo", input }],
    [{ type: "cancel", runId: "r" }],
    [{ type: "ping" }],
    [{ type: "ping", id: "1" }],
  ])("%j is understood", (frame) => {
    expect(read(frame)).toEqual({ frame });
  });

  it.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["a list", "[]"],
    ["null", "null"],
    ["a text", '"run"'],
    ["an object without a type", "{}"],
    ["a type that is no text", '{"type":1}'],
    ["a run without input", '{"type":"run","agent":"echo"}'],
    ["a cancel without an id", '{"type":"cancel"}'],
    ["an id that is empty", '{"type":"cancel","runId":""}'],
    ["an id that is too long", JSON.stringify({ type: "cancel", runId: "x".repeat(257) })],
    ["an id with a control character", '{"type":"ping","id":"a\\u0000"}'],
    [
      "a run id with one",
      JSON.stringify({ type: "run", agent: "a", input: { ...input, runId: "a\n" } }),
    ],
    [
      "a thread id of half a character",
      JSON.stringify({ type: "run", agent: "a", input: { ...input, threadId: "\uD800" } }),
    ],
    ["deeply nested nonsense", "[".repeat(100_000)],
  ])("that is %s is invalid", (_, text) => {
    expect(readClientFrame(text)).toMatchObject({ error: { code: "FRAME_INVALID" } });
  });

  it.each(["toString", "__proto__", "constructor", "RUN", "ready", ""])(
    "of the type `%s` is unknown",
    (type) => {
      expect(read({ type })).toMatchObject({ error: { code: "FRAME_UNKNOWN" } });
    },
  );

  it("names the place that is wrong", () => {
    const bad = { type: "run", agent: "echo", input: { ...input, runId: 7 } };

    expect(read(bad)).toMatchObject({ error: { message: expect.stringContaining("input.runId") } });
  });

  it("never throws, and its error never repeats what the client wrote", () => {
    const canary = "canary-7f3a";
    const word = fc.constant(canary);
    const any = fc.anything({ key: word, values: [word, fc.integer()], maxDepth: 4 });
    const frame = fc.record(
      {
        type: fc.oneof(fc.constantFrom("run", "cancel", "ping"), word),
        agent: any,
        runId: any,
        id: any,
        input: fc.record(
          {
            threadId: any,
            runId: any,
            messages: any,
            tools: any,
            context: any,
            state: any,
            resume: any,
          },
          { requiredKeys: [] },
        ),
        [canary]: any,
      },
      { requiredKeys: ["type"] },
    );
    fc.assert(
      fc.property(frame, (value) => {
        const answer = read(value);
        if ("error" in answer) expect(JSON.stringify(answer)).not.toContain(canary);
      }),
      { numRuns: 300 },
    );
  });
});
