import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { helpOn } from "../../src/cli/help.ts";
import { serveMetrics } from "../../src/cli/metrics-server.ts";
import { renderMetrics } from "../../src/cli/soak-metrics.ts";
import { SoakProgress } from "../../src/cli/soak-progress.ts";
import { CATALOGUE } from "../../src/suite/catalogue.ts";
import type { SoakReport, SoakWindow } from "../../src/suite/soak-report.ts";
import { passedReport, singleLeakReport } from "../reporters/sample-report.ts";

const LATENCY = Object.freeze({ count: 10, p50: 1.234, p90: 5, p99: 20, max: 21 });

function windowOf(number: number): SoakWindow {
  return {
    number,
    seed: number,
    verdict: "passed",
    endedAtMs: number * 3_661_000,
    events: 10,
    findings: 0,
    latency: LATENCY,
    memoryBytes: 5_000_000,
    resources: { TCPServerWrap: 1 },
    suiteBytes: 90_000_000,
  };
}

function reportOf(report = passedReport(), windows: readonly SoakWindow[] = []): SoakReport {
  const perHour = { slope: 1024, low: 1, high: 2048, intercept: 0 };
  const soak = { forMs: 8000, windowMs: 2000, played: 3, latency: LATENCY, perHour, ending: null };
  return { ...report, soak: { ...soak, windows } };
}

describe("the progress of a soak", () => {
  function linesOf(windows: number, forMs: number, windowMs: number): readonly string[] {
    const lines: string[] = [];
    const output = { isTerminal: false, color: false, write: (text: string) => lines.push(text) };
    const progress = new SoakProgress(output, { forMs, windowMs });
    const [clean, leaking] = [reportOf(passedReport()), reportOf(singleLeakReport())];
    for (let number = 1; number <= windows; number += 1) {
      progress.show(windowOf(number), number < 5 ? clean : leaking);
    }
    progress.end(undefined);
    return lines.filter((line) => line.trim() !== "");
  }

  it("is a line a window, which says what it came to", () => {
    const lines = linesOf(6, 12_000, 2000);

    expect(lines).toHaveLength(6);
    expect(lines[0]).toBe(
      "  ✔    1  01:01:01      10 operations  p50 1.23 · p90 5 · p99 20 ms  4.8 MB  0 findings\n",
    );
  });

  it("is never more than 500 lines, but always tells of the first and of what is new", () => {
    const lines = linesOf(20_000, 20_000_000, 1000);

    expect(lines.length).toBeLessThanOrEqual(500);
    expect(lines.length).toBeGreaterThan(400);
    expect(lines[0]).toContain("  1  ");
    expect(lines[1]).toContain("  5  ");
  });
});

describe("the metrics of a soak", () => {
  it("are those of every run, and its own", () => {
    const text = renderMetrics(reportOf(passedReport(), [windowOf(3)]));

    expect(text).toContain('watertight_verdict{target="');
    expect(text).toMatch(
      /^# TYPE watertight_soak_windows gauge\nwatertight_soak_windows\{.*\} 3$/m,
    );
    expect(text).toMatch(/^watertight_soak_response_seconds\{.*quantile="0.99"\} 0.02$/m);
    expect(text).toMatch(/^watertight_soak_memory_bytes\{.*\} 5000000$/m);
    expect(text).toMatch(/^watertight_soak_memory_slope_bytes_per_hour\{.*\} 1024$/m);
    expect(text.split("\n").every((line) => /^(#|watertight_\w+\{|$)/.test(line))).toBe(true);
  });

  it("have no 0 for what was not measured", () => {
    expect(renderMetrics(reportOf())).not.toContain("watertight_soak_memory_bytes");
    expect(renderMetrics(passedReport())).not.toContain("soak");
  });
});

describe("the server of metrics", () => {
  it("answers what is true now, on the loopback, and only to those who read", async () => {
    let text = "";
    await using server = await serveMetrics(0, () => text);
    const { origin, hostname } = new URL(server.url);
    expect(hostname).toBe("127.0.0.1");
    const ask = async (path: string, method = "GET"): Promise<unknown> => {
      const answer = await fetch(origin + path, { method });
      return [answer.status, await answer.text()];
    };

    expect(await ask("/metrics")).toEqual([200, ""]);
    text = "a 1\n";
    expect(await ask("/metrics?x=1")).toEqual([200, "a 1\n"]);
    expect(await ask("/metrics", "HEAD")).toEqual([200, ""]);
    expect(await ask("/metrics", "POST")).toEqual([405, "It can only be read\n"]);
    expect(await ask("/healthz")).toEqual([200, "ok\n"]);
    expect(await ask("/")).toEqual([404, "There are /metrics and /healthz\n"]);
  });

  it("says so where its port is taken", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;

    await expect(serveMetrics(port, () => "")).rejects.toMatchObject({
      code: "WT_USAGE",
      message: expect.stringContaining(`--metrics-port to be free, got ${port}`),
    });
    other.close();
  });
});

describe("help", () => {
  it("names every category and every check that there is", () => {
    const help = helpOn(undefined);

    for (const { id, title, checks } of CATALOGUE) {
      expect(help).toContain(`  ${id} ${title}`);
      for (const check of checks) expect(help).toContain(`${check.id} ${check.title}`);
    }
    expect(helpOn("check")).toBe(help);
  });

  it("on soak names each of its options, and no line is too long for a terminal", () => {
    const help = helpOn("soak");

    for (const option of ["for", "window", "users", "seed", "metrics-port", "metrics-file"]) {
      expect(help).toContain(`--${option} `);
    }
    for (const line of `${help}${helpOn(undefined)}`.split("\n")) {
      expect(line.length).toBeLessThanOrEqual(100);
    }
  });
});
