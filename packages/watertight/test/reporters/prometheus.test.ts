import { describe, expect, it } from "vitest";
import type { Report } from "../../src/report.ts";
import { allKinds } from "../../src/reporters/kinds.ts";
import { type PrometheusLabels, renderPrometheus } from "../../src/reporters/prometheus.ts";
import { comparedReport, hostileReport, unmeasuredReport } from "./changed-report.ts";
import { broadcastReport, inconclusiveReport, passedReport } from "./sample-report.ts";

/**
 * Reads the text format as Prometheus does: a HELP and a TYPE before the samples of a metric, each
 * series once, names and escapes by its grammar. Throws where it is broken.
 */
function read(report: Report, labels?: PrometheusLabels): Map<string, number> {
  const text = renderPrometheus(report, labels);
  const series = new Map<string, number>();
  const typed: string[] = [];
  expect(text.endsWith("\n")).toBe(true);
  for (const line of text.trimEnd().split("\n")) {
    const [, type] = /^# TYPE ([a-z_]+) gauge$/.exec(line) ?? [];
    if (type !== undefined) {
      expect(typed).not.toContain(type);
      typed.push(type);
    }
    if (line.startsWith("#")) continue;
    const found =
      /^([a-z_]+)\{([a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\[\\"n])*")*)\} (-?[\d.e+-]+)$/.exec(
        line,
      );
    const [, name = "", pairs = "", value] = found ?? [];
    expect(typed.at(-1), line).toBe(name);
    const key = `${name} ${pairs}`.replace(/target="(?:[^"\\]|\\.)*",?/, "").trim();
    expect(series.has(key)).toBe(false);
    series.set(key, Number(value));
  }
  return series;
}

describe("Prometheus metrics", () => {
  it("are the five metrics, in seconds, bytes and shares", () => {
    const series = read(passedReport());

    expect(series.get("watertight_isolated_users_ratio")).toBe(1);
    expect(series.get("watertight_routed_events_ratio")).toBe(1);
    expect(series.get("watertight_memory_bytes_per_user")).toBeCloseTo(95_840, -1);
    expect(series.get('watertight_response_seconds load="alone"')).toBeCloseTo(0.005787);
    expect(series.get('watertight_response_seconds load="all"')).toBeCloseTo(0.00641);
    expect(series.get("watertight_incidents_ratio")).toBe(0);
  });

  it("count checks by verdict and findings by kind, zeros too", () => {
    const series = read(broadcastReport());

    expect(series.get('watertight_checks verdict="failed"')).toBe(6);
    expect(series.get('watertight_checks verdict="passed"')).toBe(2);
    expect(series.get('watertight_findings kind="leak"')).toBe(29);
    expect(series.get('watertight_findings kind="heap-growth"')).toBe(0);
    expect(series.get('watertight_verdict verdict="failed"')).toBe(1);
    const kinds = [...series.keys()].filter((key) => key.startsWith("watertight_findings "));
    expect(kinds).toHaveLength(allKinds().length);
  });

  it("are missing where nothing was measured: no zero stands for it", () => {
    const names = [...read(unmeasuredReport()).keys()].join("\n");

    expect(names).not.toMatch(/_ratio|memory_(bytes|slope)|response|load/);
    expect(names).toContain("watertight_users");
    expect([...read(inconclusiveReport()).keys()].join("\n")).not.toMatch(/isolated_users_ratio/);
  });

  it("carry the labels that they are given", () => {
    const series = read(passedReport(), { window: "3" });

    expect(series.get('watertight_users window="3"')).toBe(50);
  });

  it("say what a run counts for under a baseline", () => {
    const series = read(comparedReport({ verdict: "passed" }));

    expect(series.get("watertight_known_findings")).toBe(1);
    expect(series.get('watertight_verdict verdict="passed"')).toBe(1);
  });

  it("can be read whatever the target is called", () => {
    const target = { kind: "command", label: 'a"b\\c\nd', command: "" } as const;
    expect(read({ ...hostileReport(), target }).size).toBeGreaterThan(30);
    expect(renderPrometheus({ ...hostileReport(), target })).toContain('target="a\\"b\\\\c\\nd"');
  });
});
