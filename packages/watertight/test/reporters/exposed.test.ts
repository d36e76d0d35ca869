import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/finding.ts";
import type { Report } from "../../src/report.ts";
import { renderHtml } from "../../src/reporters/html.ts";
import { renderJson } from "../../src/reporters/json.ts";
import { renderJunit } from "../../src/reporters/junit.ts";
import { renderMarkdown } from "../../src/reporters/markdown.ts";
import { renderPrometheus } from "../../src/reporters/prometheus.ts";
import { renderSarif } from "../../src/reporters/sarif.ts";
import { renderTerminal } from "../../src/reporters/terminal.ts";
import { reportWith } from "./changed-report.ts";
import { leakFinding, passedReport } from "./sample-report.ts";

const PLACES = { prefix: "", configFile: "watertight.config.ts" };

function note(label: string, changes: Partial<Finding> = {}): Finding {
  const { frame: _frame, canary: _canary, ...rest } = leakFinding(1, 2, 3);
  return {
    ...rest,
    id: `wt-${label}`,
    kind: "logged",
    tier: "exposed",
    title: `The server printed “${label}” of 2 users (user-00, user-01), 7 times`,
    example: "login with token=wtcanaryAbCd… <ok>",
    fix: { text: "log ids", page: "docs/fixes/logged.md" },
    ...changes,
  };
}

function terminal(report: Report): string {
  return renderTerminal(report, { color: false, width: 100, reportPath: undefined });
}

describe("what a target printed", () => {
  const quiet = passedReport({ exposed: [] });
  const report = passedReport({ exposed: ["a", "b", "c", "d", "e"].map((label) => note(label)) });

  it("is a note at the terminal, three at most, and the run has passed", () => {
    const text = terminal(report);

    expect(text.match(/Note: {3}The server printed/g)).toHaveLength(3);
    expect(text).toContain("for example: login with token=wtcanaryAbCd… <ok>");
    expect(text).toContain("… and 2 more in the report");
    expect(text).toMatch(/\d passed, 0 failed/);
    expect(terminal(quiet)).not.toContain("Note:");
    expect(terminal(quiet)).toBe(terminal(passedReport()));
  });

  it("has a part of its own in the HTML report, with its example as text", () => {
    const html = renderHtml(report);

    expect(html.match(/<article class="finding exposed"/g)).toHaveLength(5);
    expect(html).toContain("login with token=wtcanaryAbCd… &lt;ok&gt;");
    expect(html).toContain('<a href="#exposed">Printed');
    expect(html).toContain("docs/fixes/logged.md");
    expect(renderHtml(quiet)).not.toContain('id="exposed"');
  });

  it("is folded away in Markdown, without what the target printed", () => {
    const text = renderMarkdown(report);

    expect(text).toContain("<summary>5 notes on what the server prints</summary>");
    expect(text).toContain("- The server printed “a” of 2 users");
    expect(text).not.toContain("login with");
    expect(renderMarkdown(quiet)).toBe(renderMarkdown(passedReport()));
  });

  it("is whole in JSON, a note in SARIF, counted for Prometheus, and nothing in JUnit", () => {
    expect(JSON.parse(renderJson(report))).toMatchObject({ exposed: report.exposed });
    const { runs } = JSON.parse(renderSarif(report, PLACES)) as {
      runs: [{ results: { ruleId: string; level: string }[]; tool: unknown }];
    };
    expect(runs[0].results.map(({ ruleId, level }) => `${ruleId} ${level}`)).toEqual(
      Array.from({ length: 5 }, () => "logged note"),
    );
    expect(JSON.stringify(runs)).not.toContain("login with");
    expect(renderPrometheus(report)).toMatch(/watertight_findings\{[^}]*kind="logged"\} 5\n/);
    expect(renderJunit(report)).toBe(renderJunit(quiet));
  });
});

describe("a leak to a sink", () => {
  const frame = {
    user: "user-04",
    connection: "mail",
    index: 3,
    type: "mail",
    receivedAtMs: 12,
    excerpt: "wtcanary",
  };
  const leak = leakFinding(7, 4, 1, { kind: "outbound-leak", title: "A message to mail", frame });

  it("names the sink and the message, and not the line of a user", () => {
    const text = terminal(reportWith([leak]));
    expect(text.replaceAll(/\s+/g, " ")).toContain(
      "A message to mail (first: mail message 3, mail",
    );

    const html = renderHtml(reportWith([leak]));
    expect(html).toContain("To the sink <b>mail</b>, message 3");
    expect(html).toContain("<dt>Sent</dt>");
    expect(renderHtml(reportWith([leakFinding(7, 4, 1)]))).toContain("<dt>Received</dt>");
  });
});
