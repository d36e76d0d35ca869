import { describe, expect, it } from "vitest";
import type { Report } from "../../src/report.ts";
import { renderTerminal, type TerminalOptions } from "../../src/reporters/terminal.ts";
import {
  comparedReport,
  hostileReport,
  knownReport,
  reportWith,
  unmeasuredReport,
} from "./changed-report.ts";
import {
  broadcastReport,
  canaryOf,
  inconclusiveReport,
  leakFinding,
  passedReport,
  singleLeakReport,
} from "./sample-report.ts";

const ESCAPE = "\u001B";

function render(report: Report, changes: Partial<TerminalOptions> = {}): string {
  const reportPath = ".watertight/report.html";
  return renderTerminal(report, { color: false, width: 100, reportPath, ...changes });
}

/** The words of a text, as if it had been printed on one line. */
function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

const REPORTS: readonly [string, () => Report][] = [
  ["a pass", passedReport],
  ["one leak", singleLeakReport],
  ["a broadcast", broadcastReport],
  ["nothing proved", inconclusiveReport],
];

describe.each(REPORTS)("a report of %s", (_, create) => {
  it.each([60, 80, 100, 200])("keeps to %i columns, long words aside", (width) => {
    const lines = render(create(), { width }).split("\n");

    for (const line of lines.filter((text) => text.length > width)) {
      expect(line.trim()).not.toContain(" ");
    }
    expect(lines.length).toBeGreaterThan(10);
  });

  it("says the same at every width", () => {
    expect(inOneLine(render(create(), { width: 70 }))).toBe(
      inOneLine(render(create(), { width: 160 })),
    );
  });

  it("has no escape codes without color, and the same words with it", () => {
    const plain = render(create());
    const painted = render(create(), { color: true });

    expect(plain).not.toContain(ESCAPE);
    expect(painted).toContain(ESCAPE);
    expect(painted.replaceAll(new RegExp(`${ESCAPE}\\[[\\d;]*m`, "g"), "")).toBe(plain);
  });

  it("ends every color before the end of its line", () => {
    for (const line of render(create(), { color: true }).split("\n")) {
      if (line.includes(ESCAPE)) expect(line.endsWith(`${ESCAPE}[0m`)).toBe(true);
    }
  });

  it("says how to run it again, where the report is, and what was not covered", () => {
    const report = create();
    const text = inOneLine(render(report));

    expect(text).toContain(`Again: ${report.again}`);
    expect(text).toContain("Report: .watertight/report.html");
    for (const gap of report.notCovered) expect(text).toContain(gap);
  });
});

describe("a leak", () => {
  const text = inOneLine(render(singleLeakReport()));

  it("names both users, the frame and the canary's beginning, and not the whole canary", () => {
    expect(text).toContain("user-03 received 4 frames that belong to user-07");
    expect(text).toContain(
      "(first: user-03/socket-1 frame 12, TEXT_MESSAGE_CONTENT, canary wtcanary7QkZ…)",
    );
    expect(text).not.toContain(canaryOf(7));
  });

  it("names the line that holds the data, and the way from there", () => {
    expect(text).toContain(
      "examples/singleton-backend/src/web-socket-manager.ts:31 module variable managerInstance → #usersByThread → Map → Set → [0]",
    );
  });

  it("says under which schedule, how to replay it, what to do, and how sure it is", () => {
    expect(text).toContain("pattern lockstep, seed 8812 — replay: npx watertight check");
    expect(text).toContain("--only 2.1 --seed 8812");
    expect(text).toMatch(/fix make what holds .*: docs\/fixes\/shared-instance\.md/);
    expect(text).toMatch(/evidence proved, wt-[0-9a-f]{6}/);
  });

  it("counts as one failed category, the others as passed", () => {
    expect(text).toContain("✖ 2 passed, 1 failed");
    expect(text).not.toContain("inconclusive");
  });
});

describe("many findings of one check", () => {
  const withFindings = (findings: Report["categories"][0]["checks"][0]["findings"]): string => {
    const report = singleLeakReport();
    const categories = report.categories.map((category) => ({
      ...category,
      checks: category.checks.map((check) => (check.id === "2.1" ? { ...check, findings } : check)),
    }));
    return inOneLine(render({ ...report, categories }));
  };

  it("are spelled out one of each kind, three at most, and the rest is counted", () => {
    const text = withFindings([
      leakFinding(1, 0, 4),
      leakFinding(2, 0, 3),
      leakFinding(3, 0, 2, { kind: "loss", title: "a loss" }),
      leakFinding(4, 0, 2, { kind: "reorder", title: "a reorder" }),
      leakFinding(5, 0, 2, { kind: "duplicate", title: "a duplicate" }),
    ]);

    expect(text).toContain("user-00 received 4 frames that belong to user-01");
    expect(text).not.toContain("belong to user-02");
    expect(text).toContain("a loss");
    expect(text).toContain("a reorder");
    expect(text).not.toContain("a duplicate");
    expect(text).toContain("… and 2 more in the report");
  });

  it("say what was expected, and what a weaker one lacks", () => {
    const text = withFindings([
      leakFinding(1, 0, 4, { tier: "retained", expected: "nothing to be held", lacks: "a frame" }),
    ]);

    expect(text).toContain("expected nothing to be held");
    expect(text).toContain("lacks a frame");
    expect(text).toContain("evidence retained");
  });
});

describe("a check about which nothing can be said", () => {
  it("is not green, and says why", () => {
    const text = inOneLine(render(inconclusiveReport()));

    expect(text).toContain("1.1 concurrent user execution: inconclusive");
    expect(text).toContain("Only 12 of 400 answers carried the user's own secret");
    expect(text).toContain("? 0 passed, 0 failed, 2 inconclusive");
    expect(render(inconclusiveReport(), { color: true })).toContain(`${ESCAPE}[1;33m`);
  });
});

describe("what was measured", () => {
  it("of time and memory stands on a line each", () => {
    const text = inOneLine(render(passedReport(), { width: 200 }));

    expect(text).toContain(
      "Time: p50 5.4 ms, p99 9.8 ms alone · p50 7.9 ms, p99 20 ms with 50 users · users hardly wait",
    );
    expect(text).toContain(
      "Memory: 94,010 B [93,100; 94,900] per user connected · 44 B [-31; 118] per user who left",
    );
    expect(render(unmeasuredReport())).not.toMatch(/Time:|Memory:/);
  });

  it("of a finding stands with its interval and limit, and how often it comes back", () => {
    const text = inOneLine(
      render(
        reportWith([
          leakFinding(1, 0, 4, {
            measured: [
              {
                name: "heap growth per user who left",
                value: 4412.3,
                low: 4120,
                high: 4690,
                unit: "B",
                limit: 200,
              },
              { name: "timers per user", value: 0.974, unit: "" },
            ],
            reproduction: {
              delayed: { failed: 17, of: 20 },
              oneAfterAnother: { failed: 0, of: 20 },
            },
          }),
        ]),
      ),
    );

    expect(text).toContain(
      "measured heap growth per user who left: 4,412 [4,120; 4,690] B, limit 200 B",
    );
    expect(text).toContain("measured timers per user: 0.974 ");
    expect(text).toContain(
      "repeats 17 of 20 under the same delays; 0 of 20 with users one after another",
    );
  });
});

describe("a run beside its baseline", () => {
  it("spells out what is new, counts what is known, and lists what a person should look at", () => {
    const text = inOneLine(render(comparedReport()));

    expect(text).toContain("2.1 event routing: failed");
    expect(text).toContain("user-01 and user-02 were swapped");
    expect(text).not.toContain("user-03 received 4 frames that");
    expect(text).toContain("1 known, see the baseline below");
    expect(text).toContain(
      "Baseline watertight-baseline.json: 1 known finding, 1 new, 1 stale; 1 of 1 number worse beyond noise",
    );
    expect(text).toContain(
      "- worse: memory per user who left 900 [850; 950] B, before 44 [-31; 118] B",
    );
    expect(text).toContain("(2.1): fixed in May");
    expect(text).toContain("- stale wt-000001 (1.2), not seen: an old one");
    expect(text).toContain("- This run did not measure the weather.");
  });

  it("is green with known findings only, and says so", () => {
    const text = inOneLine(render(knownReport()));

    expect(text).toContain("✔ 2 passed, 0 failed, 1 known");
    expect(text).toContain("~ 2 WebSocket event user isolation");
    expect(text).toContain("2.1 event routing: failed as known");
  });

  it("says why it fails though no check does", () => {
    const passed = { ...comparedReport().baseline, checks: {}, known: {} };
    const worse = { ...passedReport(), baseline: { ...passed, verdict: "failed" } } as Report;
    const stale = { ...worse, baseline: { ...worse.baseline, numbers: [] } } as Report;

    expect(render(worse)).toContain("✖ 3 passed, 0 failed, worse than the baseline");
    expect(render(stale)).toContain("✖ 3 passed, 0 failed, stale entries in the baseline");
  });
});

describe("what a target sent", () => {
  it("can't move the cursor, paint, or begin a line", () => {
    const text = render(hostileReport());

    // oxlint-disable-next-line no-control-regex -- none of them may be left
    expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/);
    expect(text).not.toMatch(/^::/m);
  });
});
