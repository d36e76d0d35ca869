import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CanaryBook } from "../../src/canary.ts";
import { judgeDelivery, shapeOf } from "../../src/detectors/delivery.ts";
import { readRunEvent, type RunEvent } from "../../src/run-event.ts";

const WORDS = ["Once ", "upon ", "a ", "tide "];

/** A whole run as a server that counts sends it; without numbers for one that doesn't. */
function run(options: { numbered: boolean }): RunEvent[] {
  const events = [
    { type: "RUN_STARTED" },
    { type: "TEXT_MESSAGE_START", messageId: "m" },
    ...WORDS.map((delta) => ({ type: "TEXT_MESSAGE_CONTENT", messageId: "m", delta })),
    { type: "TEXT_MESSAGE_END", messageId: "m" },
    { type: "RUN_FINISHED" },
  ];
  return events.map((event, place) => {
    const seq = options.numbered ? { seq: place + 1 } : {};
    return toEvent({ ...event, metadata: { runId: "r", ...seq } }, place);
  });
}

function toEvent(event: object, index: number): RunEvent {
  const bytes = Buffer.from(JSON.stringify(event));
  const received = { user: 0, connection: "user-00/socket-1", index, atMs: index, bytes };
  return readRunEvent(received) as RunEvent;
}

function kinds(events: readonly RunEvent[], numbered: boolean): string[] {
  const shape = shapeOf(run({ numbered }));
  return judgeDelivery({ user: "user-00", runId: "r", events, shape }).map(({ kind }) => kind);
}

describe.each([{ numbered: true }, { numbered: false }])("a delivery, numbered: $numbered", (o) => {
  const { numbered } = o;

  it("that is whole, single and in order gives no observation", () => {
    expect(kinds(run(o), numbered)).toEqual([]);
  });

  it("with any one event missing is a loss", () => {
    fc.assert(
      fc.property(fc.nat({ max: run(o).length - 1 }), (place) => {
        const events = run(o).filter((_, index) => index !== place);
        expect(kinds(events, numbered)).toEqual(["loss"]);
      }),
    );
  });

  it("with any one event twice is a duplicate", () => {
    fc.assert(
      fc.property(fc.nat({ max: run(o).length - 1 }), (place) => {
        const events = run(o).flatMap((event, index) =>
          index === place ? [event, event] : [event],
        );
        expect(kinds(events, numbered)).toEqual(["duplicate"]);
      }),
    );
  });

  it("with two events in each other's place is a reorder", () => {
    fc.assert(
      fc.property(fc.nat({ max: run(o).length - 2 }), (place) => {
        const events = run(o);
        [events[place], events[place + 1]] = [
          events[place + 1] as RunEvent,
          events[place] as RunEvent,
        ];
        expect(kinds(events, numbered)).toEqual(["reorder"]);
      }),
    );
  });

  it("of nothing at all is a loss", () => {
    expect(kinds([], numbered)).toEqual(["loss"]);
  });
});

describe("a delivery without a known shape", () => {
  const judge = (events: readonly RunEvent[], joinedLate = false) =>
    judgeDelivery({ user: "user-00", runId: "r", events, joinedLate }).map(({ kind }) => kind);

  it("is judged by its numbers and its end", () => {
    const events = run({ numbered: true });

    expect(judge(events)).toEqual([]);
    expect(judge(events.slice(0, -1))).toEqual(["loss"]);
    expect(judge(events.toSpliced(3, 1))).toEqual(["loss"]);
  });

  it("misses nothing that came before a late listener", () => {
    const events = run({ numbered: true }).slice(3);

    expect(judge(events)).toEqual(["loss"]);
    expect(judge(events, true)).toEqual([]);
  });

  it("misses nothing of a server that does not count, when a listener comes late", () => {
    const events = run({ numbered: false }).slice(3);

    expect(judge(events, true)).toEqual([]);
    expect(judge(events.slice(0, -1), true)).toEqual(["loss"]);
  });

  it("that ends twice is a duplicate", () => {
    const events = run({ numbered: true });
    const again = toEvent({ type: "RUN_ERROR", metadata: { runId: "r", seq: 9 } }, 9);

    expect(judge([...events, again])).toEqual(["duplicate"]);
  });
});

describe("an answer that is never quite the same", () => {
  const says = (...deltas: readonly string[]): RunEvent[] =>
    ["RUN_STARTED", ...deltas, "RUN_FINISHED"].map((word, place) => {
      const isEdge = word.startsWith("RUN_");
      const event = isEdge
        ? { type: word }
        : { type: "TEXT_MESSAGE_CONTENT", messageId: "m", delta: word };
      return toEvent({ ...event, metadata: { runId: "r", seq: place + 1 } }, place);
    });
  const canaryOf = (user: number) => new CanaryBook().mint(user, "x");
  const judge = (solo: readonly RunEvent[], events: readonly RunEvent[]) =>
    judgeDelivery({ user: "user-00", runId: "r", events, shape: shapeOf(solo) }).map((o) => o.kind);

  it("may name the user, the thread and the number of users", () => {
    const greeting = (user: number) =>
      says(`Hello user-0${user}-${canaryOf(user)}, `, `one of ${user + 3} in run-r${user}`);
    expect(judge(greeting(0), greeting(4))).toEqual([]);
  });

  it("may be said in other words, or cut into other pieces", () => {
    expect(judge(says("You said ", "x"), says("Well, you said ", "x"))).toEqual([]);
    expect(judge(says("You said ", "x"), says("You ", "said ", "x"))).toEqual([]);
  });

  it("may not come in another order, and no piece may be missing", () => {
    const solo = says("Once ", "upon ", "a ", "tide");
    const [first, a, b, ...rest] = solo as [RunEvent, RunEvent, RunEvent];
    expect(judge(solo, says("upon ", "Once ", "a ", "tide"))).toEqual(["reorder"]);
    expect(judge(solo, [first, b, a, ...rest])).toEqual(["reorder"]);
    expect(judge(solo, [first, b, ...rest])).toEqual(["loss"]);
  });
});
