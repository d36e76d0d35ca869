import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Metrics } from "../../src/report.ts";
import { metricSentences } from "../../src/reporters/metric-sentences.ts";

const NOTHING: Metrics = {
  isolation: null,
  routing: null,
  memory: null,
  responseTime: null,
  incidents: null,
};

function routing(correct: number, total: number): string | undefined {
  return metricSentences({ ...NOTHING, routing: { correct, total } })[1];
}

describe("the metrics", () => {
  it("are five sentences, with the numbers that were measured", () => {
    expect(
      metricSentences({
        isolation: { isolatedUsers: 48, users: 50 },
        routing: { correct: 61_200, total: 61_200 },
        memory: { mbPerUser: 0.0914 },
        responseTime: { soloMs: 5.787, loadedMs: 11.574 },
        incidents: { count: 46, operations: 2310 },
      }),
    ).toEqual([
      "Isolation 48/50 users",
      "Routing 100 % of 61,200 events",
      "Memory 0.09 MB/user",
      "Response time 5.8 ms alone, ×2.0 with all at once",
      "20 races per 1,000 operations",
    ]);
  });

  it("that were not measured say so", () => {
    for (const sentence of metricSentences(NOTHING)) expect(sentence).toContain("not measured");
  });

  it.each([
    [99_999, 100_000, "99.99 %"],
    [999_999, 1_000_000, "99.99 %"],
    [1, 3, "33.33 %"],
    [0, 5, "0.00 %"],
  ])("%i of %i events are shown as %s", (correct, total, percent) => {
    expect(routing(correct, total)).toBe(
      `Routing ${percent} of ${total.toLocaleString("en-US")} events`,
    );
  });

  it("show 100 % only when every single event was right", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000_000 }), fc.nat(), (total, wrong) => {
        const correct = total - (wrong % (total + 1));
        expect(routing(correct, total)?.includes("100 %")).toBe(correct === total);
      }),
    );
  });

  it("show no race as 0, and few with their decimals", () => {
    const races = (count: number, operations: number): string | undefined =>
      metricSentences({ ...NOTHING, incidents: { count, operations } })[4];

    expect(races(0, 100)).toBe("0 races per 1,000 operations");
    expect(races(1, 800)).toBe("1.25 races per 1,000 operations");
  });
});
