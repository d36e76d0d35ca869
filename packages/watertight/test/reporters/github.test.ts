import { describe, expect, it } from "vitest";
import type { Report } from "../../src/report.ts";
import { renderGithub } from "../../src/reporters/github.ts";
import { comparedReport, hostileReport, knownReport, reportWith } from "./changed-report.ts";
import {
  broadcastReport,
  inconclusiveReport,
  leakFinding,
  passedReport,
  singleLeakReport,
} from "./sample-report.ts";

const PLACES = { prefix: "", configFile: "watertight.config.ts" };

function linesOf(report: Report, options = PLACES): string[] {
  return renderGithub(report, options).split("\n").filter(Boolean);
}

describe("GitHub annotations", () => {
  it("are none for a pass", () => {
    expect(renderGithub(passedReport(), PLACES)).toBe("");
  });

  it("point at the line that holds the data", () => {
    expect(linesOf(singleLeakReport())).toEqual([
      expect.stringMatching(
        /^::error file=examples\/singleton-backend\/src\/web-socket-manager\.ts,line=31,col=5,title=2\.1 leak%2C proved::user-03 received 4 frames/,
      ),
    ]);
    expect(linesOf(singleLeakReport(), { ...PLACES, prefix: "apps" })[0]).toContain("file=apps/ex");
  });

  it("point at the config without a place", () => {
    const [line] = linesOf(reportWith([leakFinding(1, 2, 3, { heldIn: [] })]));
    expect(line).toMatch(/^::error file=watertight\.config\.ts,line=1,title=/);
  });

  it("are ten at most, of every check and kind first, and a notice counts the others", () => {
    const report = broadcastReport();
    const findings = report.categories.flatMap(({ checks }) => checks.flatMap((c) => c.findings));
    const kinds = new Set(findings.map(({ check, kind }) => `${check} ${kind}`));
    const lines = linesOf(report);
    const errors = lines.filter((line) => line.startsWith("::error "));
    const titles = errors.map((line) => /title=([^,:]*)%2C/.exec(line)?.[1]);

    expect(errors).toHaveLength(10);
    for (const kind of kinds) expect(titles).toContain(kind);
    expect(lines.slice(10)).toEqual([
      `::notice title=watertight::${findings.length - 10} more errors: see the report of this run`,
    ]);
  });

  it("tell of what is inconclusive as an error", () => {
    expect(linesOf(inconclusiveReport())[0]).toMatch(
      /^::error title=1\.1 concurrent user execution%3A inconclusive::Only 12 of 400/,
    );
  });

  it("leave out what is known, and tell of what is worse", () => {
    expect(linesOf(knownReport())).toEqual([
      "::notice title=watertight::Baseline base.json: 1 known finding, 0 new, 0 stale; no number was compared",
    ]);
    const text = renderGithub(comparedReport({ strict: true }), PLACES);
    expect(text).toContain("::worse: memory per user who left 900 [850; 950] B");
    expect(text).toContain("title=stale entry wt-000001 of the baseline::an old one");
    expect(text).not.toContain("user-03 received");
  });

  it("let no target write a command of its own", () => {
    for (const line of linesOf(hostileReport())) {
      expect(line).toMatch(/^::(?:error|notice) /);
      expect(line).not.toMatch(/\r/);
      const [, properties = ""] = /^::error (.*?)::/.exec(line) ?? [];
      expect(
        properties.split(",").every((pair) => /^(file|line|col|title)=[^:]*$/.test(pair)),
      ).toBe(true);
    }
  });
});
