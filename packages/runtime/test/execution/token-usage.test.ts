import { describe, expect, it } from "vitest";
import { tokensOf, totalOf } from "../../src/execution/token-usage.ts";
import type { AgentEvent } from "../../src/protocol/events.ts";

describe("the tokens of a usage", () => {
  it.each([
    [{ totalTokens: 7, inputTokens: 1, outputTokens: 2 }, 7],
    [{ inputTokens: 1, outputTokens: 2 }, 3],
    [{ totalTokens: undefined, inputTokens: undefined, outputTokens: 2 }, 2],
    [{ totalTokens: Number.NaN, inputTokens: 4 }, 4],
    [{ totalTokens: -7, inputTokens: -1, outputTokens: 1.5 }, 0],
    [{ totalTokens: "7" }, 0],
    [{}, 0],
    [undefined, 0],
    [null, 0],
    [7, 0],
  ])("of %j are %i", (usage, tokens) => {
    expect(totalOf(usage)).toBe(tokens);
  });

  it("are read from a CUSTOM event `usage`, and from no other", () => {
    const event = (name: string): AgentEvent => ({
      type: "CUSTOM",
      name,
      value: { totalTokens: 7 },
    });

    expect([tokensOf(event("usage")), tokensOf(event("used"))]).toEqual([7, 0]);
    expect(tokensOf(undefined as never)).toBe(0);
    expect(tokensOf({ type: "RAW", event: { totalTokens: 7 } })).toBe(0);
  });
});
