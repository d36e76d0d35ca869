import { EventType } from "@ag-ui/core";
import { EventSchemas as ModernSchemas } from "@ag-ui/core/schemas";
import { EventSchemas as OldSchemas, RunAgentInputSchema } from "ag-ui-client-0-0-59";
import { describe, expect, it } from "vitest";
import { dialectOf, speak } from "../../src/protocol/agui-dialect.ts";
import { readRunInput } from "../../src/protocol/run-input.ts";

const metadata = { own: 1, threadId: "t", runId: "r", seq: 3, position: "e.3.tag" };
const ids = { threadId: "t", runId: "r" };
const file = { type: "image", source: { type: "file", value: "file-1", mimeType: "image/png" } };
const texts = [
  { type: "text", text: "a" },
  { type: "text", text: "b" },
];

/** What 1.0 can say, and what of it clients from before 1.0 get. */
const TRANSLATIONS: readonly (readonly [string, object, object])[] = [
  [
    "the beginning without its version",
    { type: "RUN_STARTED", ...ids, protocolVersion: "1.0" },
    { type: "RUN_STARTED", ...ids },
  ],
  [
    "a cancelled run as an error, for it did not succeed",
    { type: "RUN_FINISHED", ...ids, outcome: { type: "cancelled" } },
    { type: "RUN_ERROR", code: "CANCELLED", message: "The run was cancelled." },
  ],
  [
    "success without what is new in it",
    {
      type: "RUN_FINISHED",
      ...ids,
      result: 1,
      outcome: { type: "success", pendingToolCallIds: [] },
    },
    { type: "RUN_FINISHED", ...ids, result: 1, outcome: { type: "success" } },
  ],
  [
    "an interrupt as it is",
    {
      type: "RUN_FINISHED",
      ...ids,
      outcome: { type: "interrupt", interrupts: [{ id: "i", reason: "r" }] },
    },
    {
      type: "RUN_FINISHED",
      ...ids,
      outcome: { type: "interrupt", interrupts: [{ id: "i", reason: "r" }] },
    },
  ],
  [
    "texts of a tool as one text",
    { type: "TOOL_CALL_RESULT", messageId: "m", toolCallId: "c", content: texts },
    { type: "TOOL_CALL_RESULT", messageId: "m", toolCallId: "c", content: "ab" },
  ],
  [
    "media of a tool as JSON",
    { type: "TOOL_CALL_RESULT", messageId: "m", toolCallId: "c", content: [file] },
    { type: "TOOL_CALL_RESULT", messageId: "m", toolCallId: "c", content: JSON.stringify([file]) },
  ],
  [
    "messages in the old shape",
    {
      type: "MESSAGES_SNAPSHOT",
      messages: [
        { id: "1", role: "user", content: [file, ...texts] },
        { id: "2", role: "tool", toolCallId: "c", content: texts },
        { id: "3", role: "assistant", content: "hello" },
      ],
    },
    {
      type: "MESSAGES_SNAPSHOT",
      messages: [
        {
          id: "1",
          role: "user",
          content: [{ type: "binary", mimeType: "image/png", id: "file-1" }, ...texts],
        },
        { id: "2", role: "tool", toolCallId: "c", content: "ab" },
        { id: "3", role: "assistant", content: "hello" },
      ],
    },
  ],
  [
    "subagents as CUSTOM",
    { type: "SUBAGENT_STARTED", subagentRunId: "s", name: "helper" },
    { type: "CUSTOM", name: "SUBAGENT_STARTED", value: { subagentRunId: "s", name: "helper" } },
  ],
];

describe("the dialect from before 1.0", () => {
  it.each(TRANSLATIONS)("says %s; both stock clients take their own", (_, event, expected) => {
    const frame = JSON.stringify({ ...event, metadata });

    const old = JSON.parse(speak("0.0.5x", frame)) as object;

    expect(old).toEqual({ ...expected, metadata });
    expect(OldSchemas.safeParse(old).error).toBeUndefined();
    expect(speak("1.0", frame)).toBe(frame);
    expect(ModernSchemas.safeParse(JSON.parse(frame)).error).toBeUndefined();
  });

  it.each(Object.values(EventType).map((type) => [type]))(
    "says %s in a type that old clients know",
    (type) => {
      const { type: old } = JSON.parse(speak("0.0.5x", JSON.stringify({ type, metadata }))) as {
        type: string;
      };

      const known = OldSchemas.options.map(({ shape }) => shape.type.value as string);
      expect(known).toContain(old);
      if (old !== "CUSTOM") expect(old).toBe(type);
    },
  );

  it("says what nobody knows yet as CUSTOM", () => {
    const frame = JSON.stringify({ type: "FUTURE", value: 1, metadata });

    expect(JSON.parse(speak("0.0.5x", frame))).toEqual({
      type: "CUSTOM",
      name: "FUTURE",
      value: { value: 1 },
      metadata,
    });
  });

  it.each([
    [undefined, "0.0.5x"],
    ["0.0.59", "0.0.5x"],
    [1, "0.0.5x"],
    ["1.0", "1.0"],
    ["1.7", "1.0"],
    ["2.0", "1.0"],
  ])("is spoken to who asks with protocolVersion %s: %s", (protocolVersion, dialect) => {
    expect(dialectOf({ protocolVersion })).toBe(dialect);
  });

  it("of a request is understood: nulls for what is left out, and binary parts", () => {
    const input = {
      ...ids,
      state: null,
      messages: [
        {
          id: "1",
          role: "user",
          content: [
            { type: "binary", mimeType: "image/png", data: "AAAA", filename: "a.png" },
            { type: "binary", mimeType: "application/pdf", url: "https://x.example/a.pdf" },
            { type: "binary", mimeType: "video/mp4", id: "file-1" },
          ],
        },
      ],
      tools: [{ name: "t", description: "d", parameters: null }],
      context: [],
      forwardedProps: null,
      resume: [{ interruptId: "i", status: "resolved", payload: null }],
    };
    expect(RunAgentInputSchema.safeParse(input).error).toBeUndefined();

    expect(readRunInput(input)).toEqual({
      dialect: "0.0.5x",
      input: {
        ...ids,
        state: undefined,
        messages: [
          {
            id: "1",
            role: "user",
            content: [
              {
                type: "image",
                source: { type: "data", value: "AAAA", mimeType: "image/png" },
                metadata: { filename: "a.png" },
              },
              {
                type: "document",
                source: {
                  type: "url",
                  value: "https://x.example/a.pdf",
                  mimeType: "application/pdf",
                },
              },
              { type: "video", source: { type: "file", value: "file-1", mimeType: "video/mp4" } },
            ],
          },
        ],
        tools: [{ name: "t", description: "d" }],
        context: [],
        resume: [{ interruptId: "i", status: "resolved" }],
      },
    });
    expect(readRunInput({ ...input, protocolVersion: "1.0" })).toHaveProperty("error");
  });

  it.each([[null], ["text"], [[]], [{ messages: 1, tools: "x", resume: null }]])(
    "of no input at all is refused: %j",
    (value) => {
      expect(readRunInput(value)).toHaveProperty("error");
    },
  );
});
