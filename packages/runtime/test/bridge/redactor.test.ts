import { EventType } from "@ag-ui/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor } from "../../src/bridge/redactor.ts";
import { createSecretKeys } from "../../src/bridge/redact-keys.ts";
import type { WireEvent } from "../../src/protocol/events.ts";
import { cut, LEAK, meaning, trees, written } from "./redact-planted.ts";

type Fields = Readonly<Record<string, unknown>>;

const keys = createSecretKeys();
const HIDDEN = "[redacted]";

function event(type: string, fields: Fields): WireEvent {
  return { type, ...fields } as unknown as WireEvent;
}

/** What comes out for events of one run, and at its end, as JSON has it. */
function told(...events: readonly WireEvent[]): Fields[] {
  const redactor = createRedactor(keys);
  const out = [...events.flatMap((one) => redactor.redact(one)), ...redactor.flush()];
  return JSON.parse(JSON.stringify(out)) as Fields[];
}

const start = (toolCallId: string): WireEvent =>
  event("TOOL_CALL_START", { toolCallId, toolCallName: "tool" });
const args = (toolCallId: string, delta: string, more: Fields = {}): WireEvent =>
  event("TOOL_CALL_ARGS", { toolCallId, delta, ...more });
const chunk = (fields: Fields): WireEvent => event("TOOL_CALL_CHUNK", fields);
const end = (toolCallId: string): WireEvent => event("TOOL_CALL_END", { toolCallId });

/** All text of a call's arguments, in the order in which it came. */
function textOf(toolCallId: string, events: readonly Fields[]): string {
  const pieces = events.filter((one) => one["toolCallId"] === toolCallId);
  return pieces.map(({ delta }) => (typeof delta === "string" ? delta : "")).join("");
}

/** Every place of an event where a value may stand, as a value or as text. */
const PLACES: readonly (readonly [string, (value: unknown, text: string) => WireEvent])[] = [
  ["CUSTOM", (value) => event("CUSTOM", { name: "mine", value })],
  ["CUSTOM, text", (_, text) => event("CUSTOM", { name: "mine", value: text })],
  ["RAW", (value) => event("RAW", { event: value, source: "there" })],
  ["STATE_SNAPSHOT", (value) => event("STATE_SNAPSHOT", { snapshot: value })],
  ["STATE_DELTA", (value) => event("STATE_DELTA", { delta: [{ op: "add", path: "/a", value }] })],
  [
    "ACTIVITY_SNAPSHOT",
    (value) => event("ACTIVITY_SNAPSHOT", { messageId: "m", activityType: "a", content: value }),
  ],
  [
    "ACTIVITY_DELTA",
    (value) =>
      event("ACTIVITY_DELTA", { messageId: "m", patch: [{ op: "replace", path: "/a/0", value }] }),
  ],
  [
    "TOOL_CALL_RESULT, text",
    (_, text) => event("TOOL_CALL_RESULT", { messageId: "m", toolCallId: "c", content: text }),
  ],
  [
    "TOOL_CALL_RESULT, parts",
    (_, text) =>
      event("TOOL_CALL_RESULT", {
        messageId: "m",
        toolCallId: "c",
        content: [{ type: "text", text }],
      }),
  ],
  [
    "MESSAGES_SNAPSHOT",
    (value, text) =>
      event("MESSAGES_SNAPSHOT", {
        messages: [
          { id: "1", role: "user", content: "Say it." },
          {
            id: "2",
            role: "assistant",
            toolCalls: [{ id: "c", type: "function", function: { name: "t", arguments: text } }],
          },
          { id: "3", role: "tool", toolCallId: "c", content: text, metadata: { value } },
        ],
      }),
  ],
  [
    "RUN_FINISHED, result",
    (value) => event("RUN_FINISHED", { threadId: "t", runId: "r", result: value }),
  ],
  [
    "RUN_FINISHED, interrupts",
    (value, text) =>
      event("RUN_FINISHED", {
        threadId: "t",
        runId: "r",
        outcome: {
          type: "interrupt",
          interrupts: [{ id: "i", reason: "ask", metadata: { value }, message: text }],
        },
      }),
  ],
  ["RUN_ERROR", (_, text) => event("RUN_ERROR", { message: text, code: "CODE" })],
  ["RUN_STARTED", (value) => event("RUN_STARTED", { input: { state: value, tools: [] } })],
  ["SUBAGENT_FINISHED", (value) => event("SUBAGENT_FINISHED", { result: value })],
  ["TOMORROW", (value, text) => event("TOMORROW", { thing: { value }, text })],
  [
    "metadata",
    (value) => event("TEXT_MESSAGE_CONTENT", { messageId: "m", delta: "hi", metadata: { value } }),
  ],
  [
    "TOOL_CALL_START",
    (value) => event("TOOL_CALL_START", { toolCallId: "c", metadata: { value } }),
  ],
  ["TOOL_CALL_ARGS", (value) => args("c", "1", { metadata: { value } })],
];

describe("an event of any type", () => {
  it.each(PLACES)("is told without its secrets, and otherwise as it was: %s", (_, make) => {
    const property = fc.property(trees(), fc.nat(), (tree, seed) => {
      const { text } = written(tree, seed);
      const given = make(JSON.parse(text), text);
      const before = structuredClone(given);

      const out = told(given);

      expect(JSON.stringify(out)).not.toMatch(LEAK);
      expect(meaning(out, false)).toEqual(meaning([before], true));
      expect(given).toEqual(before);
    });
    fc.assert(property, { numRuns: 16 });
  });

  it.each(PLACES)("is passed on itself if it has no secret: %s", (_, make) => {
    const property = fc.property(trees(false), fc.nat(), (tree, seed) => {
      const { text } = written(tree, seed);
      const given = make(JSON.parse(text), text);
      const out = createRedactor(keys).redact(given);
      expect(out).toHaveLength(1);
      expect(out[0]).toBe(given);
    });
    fc.assert(property, { numRuns: 10 });
  });

  it("has no secret among its own fields", () => {
    expect(told(event("TOMORROW", { token: "α", list: [{ api_key: 777 }] }))).toEqual([
      { type: "TOMORROW", token: HIDDEN, list: [{ api_key: HIDDEN }] },
    ]);
  });

  it("says what its objects say of themselves, as JSON does", () => {
    const value = { at: new Date(0), login: { toJSON: () => ({ user: "alice", token: "α" }) } };
    const login = { user: "alice", token: HIDDEN };

    expect(told(event("CUSTOM", { name: "n", value, toJSON: () => ({ token: "α" }) }))).toEqual([
      { type: "CUSTOM", name: "n", value: { at: "1970-01-01T00:00:00.000Z", login } },
    ]);
    expect(
      told(event("CUSTOM", { name: "n", value: Object.assign(() => 1, value.login) })),
    ).toEqual([{ type: "CUSTOM", name: "n", value: login }]);
  });

  it.each([
    ["a circle", (circle: Record<string, unknown>) => Object.assign(circle, { circle })],
    ["a BigInt", () => [1n]],
  ])("that holds %s fails as JSON does, and leaves nothing behind", (_, make) => {
    const value = make({});
    const redactor = createRedactor(keys);
    let failure: unknown;
    try {
      JSON.stringify(value);
    } catch (error) {
      failure = error;
    }

    expect(failure).toBeInstanceOf(TypeError);
    expect(() => redactor.redact(event("CUSTOM", { name: "n", value }))).toThrow(failure as Error);
    expect(() => redactor.redact(args("c", '{"token":', { metadata: { value } }))).toThrow(
      TypeError,
    );
    expect(redactor.redact(args("c", '"kept"'))).toEqual([args("c", '"kept"')]);
  });

  it("of free text is not looked into, even if it looks like JSON", () => {
    for (const type of ["TEXT_MESSAGE_CONTENT", "REASONING_MESSAGE_CHUNK"]) {
      const given = event(type, { messageId: "m", delta: '{"password":"mine to say"}' });
      expect(createRedactor(keys).redact(given)).toEqual([given]);
    }
  });
});

describe("rawEvent", () => {
  it("goes as a whole with whatever else of its event was redacted", () => {
    const rawEvent = { part: "αβγ" };

    expect(told(event("CUSTOM", { value: { token: "x" }, rawEvent }))).toMatchObject([
      { rawEvent: HIDDEN },
    ]);
    expect(
      told(args("c", '{"token":"', { rawEvent: 1 }), args("c", 'α","a', { rawEvent })),
    ).toMatchObject([{ rawEvent: HIDDEN }, { delta: ',"a', rawEvent: HIDDEN }]);
    expect(told(event("CUSTOM", { value: 1, rawEvent: { token: "α", part: 2 } }))).toMatchObject([
      { value: 1, rawEvent: { token: HIDDEN, part: 2 } },
    ]);
  });
});

describe("arguments that come in pieces", () => {
  const calls = fc.array(fc.tuple(trees(), fc.nat()), { minLength: 1, maxLength: 4 });
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });

  it.each(["TOOL_CALL_ARGS", "TOOL_CALL_CHUNK"])(
    "are redacted call by call, however the calls are interleaved: %s",
    (type) => {
      const property = fc.property(
        calls,
        sizes,
        fc.infiniteStream(fc.nat(9)),
        (some, cuts, turn) => {
          const texts = some.map(([tree, seed]) => written(tree, seed));
          const queues = texts.map(({ text }) => cut(text, cuts));
          const events: WireEvent[] = queues.map((_, at) => start(`c${at}`));
          while (queues.some((queue) => queue.length > 0)) {
            const busy = [...queues.keys()].filter((at) => (queues[at] ?? []).length > 0);
            const at = busy[(turn.next().value ?? 0) % busy.length] ?? 0;
            const subagentRunId = `s${at}`;
            events.push(
              event(type, { toolCallId: `c${at}`, subagentRunId, delta: queues[at]?.shift() }),
            );
          }
          events.push(...queues.map((_, at) => end(`c${at}`)));

          const out = told(...events);

          expect(JSON.stringify(out)).not.toMatch(LEAK);
          expect(texts.map((_, at) => textOf(`c${at}`, out))).toEqual(
            texts.map(({ redacted }) => redacted),
          );
          expect(out.slice(-texts.length).map((one) => one["type"])).toEqual(
            texts.map(() => "TOOL_CALL_END"),
          );
        },
      );
      fc.assert(property, { numRuns: 40 });
    },
  );

  it("come piece by piece, one event for one, and are the same events without a secret", () => {
    const redactor = createRedactor(keys);
    const text = JSON.stringify({ query: "x", tokens: [1, "a \\ b \u{1f600}"], body: "[1] {2}" });
    for (const piece of cut(text, [1])) {
      const given = args("c", piece, { timestamp: 1 });
      expect(redactor.redact(given)).toEqual([given]);
    }
    expect(redactor.flush()).toEqual([]);
  });

  it("don't tell in how many pieces a secret came, but keep what else their events carry", () => {
    const out = told(
      start("c"),
      ...cut('{"token":"αβγδ', [1]).map((piece) => args("c", piece)),
      args("c", "ε", { metadata: { kept: 1 } }),
      args("c", 'ω"'),
      args("c", "}"),
    );

    expect(textOf("c", out)).toBe('{"token":"[redacted]"}');
    expect(out.slice(-3)).toEqual([
      args("c", '"[redacted]"'),
      args("c", "", { metadata: { kept: 1 } }),
      args("c", "}"),
    ]);
  });

  it("let out what was waiting before the end of their call, of its result and of the run", () => {
    const open = args("c", '{"a":"{\\u00');
    const waiting = [args("c", '{"a":"{'), args("c", "\\u00")];
    const result = event("TOOL_CALL_RESULT", { messageId: "m", toolCallId: "c", content: "1" });

    expect(told(open, end("c"), end("c"))).toEqual([...waiting, end("c"), end("c")]);
    expect(told(open, result)).toEqual([...waiting, result]);
    expect(told(open)).toEqual(waiting);
    for (const type of [EventType.RUN_FINISHED, EventType.RUN_ERROR]) {
      expect(told(open, event(type, {}))).toEqual([...waiting, event(type, {})]);
    }
    expect(told(args("c", '{"a":"{\\"token\\":\\u00'), end("c"))).toEqual([
      args("c", '{"a":"{\\"token\\":'),
      end("c"),
    ]);
  });

  it("begin anew with their call", () => {
    const leftover = [start("c"), args("c", '{"token":α, '), end("c")];

    expect(told(...leftover, start("c"), args("c", '{"a":1}')).slice(-1)).toEqual([
      args("c", '{"a":1}'),
    ]);
    expect(told(...leftover.slice(0, 2), start("c"), args("c", '{"a":1}')).slice(-1)).toEqual([
      args("c", '{"a":1}'),
    ]);
  });

  it("are refused for the 1,001st call that is not complete", () => {
    const redactor = createRedactor(keys);
    for (let at = 0; at < 1000; at += 1) redactor.redact(args(`c${at}`, "{"));

    expect(() => redactor.redact(args("more", "{"))).toThrow(
      expect.objectContaining({ code: "WT_EVENT_INVALID" }),
    );
    redactor.redact(end("c0"));
    expect(redactor.redact(args("more", "{"))).toHaveLength(1);
  });

  it("are refused for the 1,001st subagent that is telling a call in chunks", () => {
    const redactor = createRedactor(keys);
    const tell = (at: number): unknown =>
      redactor.redact(chunk({ toolCallId: `c${at}`, toolCallName: "t", subagentRunId: `s${at}` }));
    for (let at = 0; at < 1000; at += 1) tell(at);

    expect(() => tell(1000)).toThrow(expect.objectContaining({ code: "WT_EVENT_INVALID" }));
    redactor.redact(end("c0"));
    expect(tell(1000)).toHaveLength(1);
  });
});

describe("a call told in chunks", () => {
  it("goes on in chunks without an id, one call for each subagent", () => {
    const out = told(
      chunk({ toolCallId: "a", toolCallName: "t", subagentRunId: "1", delta: '{"token":"α' }),
      chunk({ toolCallId: "b", toolCallName: "t", subagentRunId: "2", delta: '{"b":"' }),
      chunk({ subagentRunId: "1", delta: 'βγ","a":1}' }),
      chunk({ subagentRunId: "2", delta: '2"}' }),
    );

    expect(out.map((one) => one["delta"])).toEqual([
      '{"token":"[redacted]"',
      '{"b":"',
      ',"a":1}',
      '2"}',
    ]);
  });

  it("opens even if all that it brings is a secret", () => {
    const out = told(
      chunk({ toolCallId: "a", toolCallName: "t", delta: '"{\\' }),
      chunk({ delta: '"token\\":\\"α\\"}"' }),
    );

    expect(out).toHaveLength(2);
    expect(textOf("a", [{ ...out[1], toolCallId: "a" }])).toBe('\\"token\\":\\"[redacted]\\"}"');
    expect(told(chunk({ toolCallId: "a", toolCallName: "t" }))).toHaveLength(1);
  });

  it("is over with the next event of its subagent, and with what was waiting before that", () => {
    const open = chunk({ toolCallId: "a", toolCallName: "t", delta: '{"a":"{\\' });
    const waiting = chunk({ toolCallId: "a", delta: "\\" });
    const others = [
      event("STEP_STARTED", { stepName: "s" }),
      event("MESSAGES_SNAPSHOT", { messages: [] }),
      args("b", "1"),
      chunk({ toolCallId: "b", toolCallName: "t", delta: "1" }),
    ];

    for (const other of others) expect(told(open, other).slice(1)).toEqual([waiting, other]);
    for (const other of [
      event("RAW", { event: 1 }),
      event("STEP_STARTED", { subagentRunId: "s" }),
    ]) {
      expect(told(open, other).slice(1)).toEqual([other, waiting]);
    }
  });

  it("leaves nothing behind when it is whole, and no secret open when it is not", () => {
    const redactor = createRedactor(keys);
    for (let at = 0; at < 1500; at += 1) {
      redactor.redact(chunk({ toolCallId: `c${at}`, toolCallName: "t", delta: '{"a":1}' }));
    }
    redactor.redact(chunk({ toolCallId: "c", toolCallName: "t", delta: '{"token":"α' }));
    redactor.redact(event("STEP_STARTED", { stepName: "s" }));

    expect(redactor.redact(chunk({ toolCallId: "c", delta: 'βγ",' }))).toEqual([
      chunk({ toolCallId: "c", delta: "," }),
    ]);
    redactor.redact(event("STEP_STARTED", { stepName: "s" }));
    expect(redactor.redact(chunk({ toolCallId: "c", delta: '"cookie":"α"}' }))).toEqual([
      chunk({ toolCallId: "c", delta: '"cookie":"[redacted]"}' }),
    ]);
  });
});
