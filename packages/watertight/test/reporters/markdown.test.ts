import { describe, expect, it } from "vitest";
import { renderMarkdown } from "../../src/reporters/markdown.ts";
import { comparedReport, hostileReport, knownReport, reportWith } from "./changed-report.ts";
import {
  broadcastReport,
  canaryOf,
  inconclusiveReport,
  leakFinding,
  passedReport,
  singleLeakReport,
} from "./sample-report.ts";

function rowsOf(markdown: string): string[] {
  return markdown.split("\n").filter((line) => line.startsWith("|"));
}

describe("the Markdown summary", () => {
  it("begins with the verdict, and has five metrics and a row for each check", () => {
    const text = renderMarkdown(passedReport());

    expect(text).toMatch(/^## ✔ watertight: passed\n/);
    expect(text).toContain("- Isolation 50/50 users");
    expect(text).toContain("- Time: p50 5.4 ms, p99 9.8 ms alone");
    expect(rowsOf(text)).toHaveLength(2 + 8);
  });

  it("folds findings away, one block each, and bounds them", () => {
    const text = renderMarkdown(broadcastReport());
    const many = Array.from({ length: 90 }, (_, place) => leakFinding(place, 0, 3));

    expect(text.match(/<details>/g)).toHaveLength(35 + 1);
    expect(text.match(/<\/details>/g)).toHaveLength(35 + 1);
    expect(renderMarkdown(reportWith(many))).toContain("… and 40 more findings in the report.");
    expect(renderMarkdown(reportWith(many)).length).toBeLessThan(200_000);
  });

  it("is not green when nothing is proved, and says what is known", () => {
    expect(renderMarkdown(inconclusiveReport())).toMatch(/^## \? watertight: inconclusive/);
    expect(renderMarkdown(knownReport())).toMatch(/^## ✔ watertight: passed/);
    expect(renderMarkdown(knownReport())).toContain("| ~ known | 2.1 event routing |");
    expect(renderMarkdown(comparedReport())).toContain(
      "stale wt-000001 (1.2), not seen: an old one",
    );
  });

  it("holds nothing of a frame but the beginning of a canary, and not the target's command", () => {
    const text = renderMarkdown({
      ...singleLeakReport(),
      target: { kind: "command", label: "app", command: "node server.js --key=s3cret" },
    });

    expect(text).toContain("canary wtcanary7QkZ…");
    expect(text).not.toContain(canaryOf(7));
    expect(text).not.toContain("You asked me");
    expect(text).not.toContain("s3cret");
  });

  it("keeps what a target sent as text", () => {
    const text = renderMarkdown(hostileReport());

    expect(text).not.toMatch(/<b |\[l\]\(u\)|^::/m);
    for (const row of rowsOf(text)) expect(row.match(/\|/g)).toHaveLength(5);
    // oxlint-disable-next-line no-control-regex -- none of them may be left
    expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F]/);
  });
});
