import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Finding, Report } from "watertight";
import { expect, test } from "vitest";
import { type Finished, watertight, WatertightRun } from "./watertight-run.ts";

interface Window {
  readonly number: number;
  readonly verdict: string;
  readonly findings: number;
  readonly memoryBytes: number | null;
  readonly latency: { readonly count: number };
}

interface Soak {
  readonly played: number;
  readonly ending: string | null;
  readonly windows: readonly Window[];
}

function wordsFor(target: string, ...more: readonly string[]): readonly string[] {
  return ["soak", `integration/targets/${target}`, "--seed", "11", ...more];
}

function soak(target: string, ...more: readonly string[]): Promise<Finished> {
  return watertight(...wordsFor(target, "--for", "4s", "--window", "1s", "--users", "4", ...more));
}

function soakIn({ report }: Finished): Soak {
  return (report as Report & { readonly soak: Soak }).soak;
}

function findingsOf({ report }: Finished): readonly Finding[] {
  return report.categories.flatMap(({ checks }) => checks.flatMap(({ findings }) => findings));
}

function linesOfWindows(stdout: string): readonly string[] {
  return stdout.split("\n").filter((line) => /^ {2}. +\d+ {2}\d\d:\d\d:\d\d /.test(line));
}

test("an echo server passes a short soak, and every window tells what it came to", async () => {
  const words = ["--for", "8s", "--window", "2s", "--users", "8"];
  const finished = await watertight(...wordsFor("echo", ...words));

  expect(finished.exitCode, finished.stdout).toBe(0);
  const { played, ending, windows } = soakIn(finished);
  expect({ played, ending }).toEqual({ played: 6, ending: "time" });
  expect(windows.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(windows.every(({ latency }) => latency.count >= 8)).toBe(true);
  expect(windows.every(({ memoryBytes }) => Number(memoryBytes) > 1_000_000)).toBe(true);
  expect(linesOfWindows(finished.stdout)).toHaveLength(6);
  const { report } = finished;
  expect(report.categories.map(({ id, verdict }) => [id, verdict])).toEqual([
    [4, "passed"],
    [7, "passed"],
  ]);
  expect(report.metrics.isolation).toEqual({ isolatedUsers: 48, users: 48 });
  expect(report.memory?.afterLeaving).toHaveLength(5);
  expect(report.memory?.perUserLeft).not.toBeNull();
});

test("what a server keeps of everybody who comes is counted, and named with its line", async () => {
  const finished = await soak("soak-slow-leak");

  expect(finished.exitCode, finished.stdout).toBe(1);
  const found = findingsOf(finished);
  expect(found.map(({ kind }) => kind)).toContain("handle-leak");
  expect(found.flatMap(({ heldIn }) => heldIn)).toContainEqual(
    expect.objectContaining({ variable: "notes", line: 12 }),
  );
  expect(finished.report.categories.map(({ id, verdict }) => [id, verdict])).toEqual([
    [4, "failed"],
    [7, "passed"],
  ]);
});

test("a frame that is misrouted once, in the third window, fails that window and the soak", async () => {
  const finished = await soak("soak-third-window");

  expect(finished.exitCode, finished.stdout).toBe(1);
  const leaks = findingsOf(finished).filter(({ kind }) => kind === "leak");
  expect(leaks).toHaveLength(1);
  expect(leaks[0]).toMatchObject({ occurrences: 1, pattern: { seed: 13 } });
  expect(leaks[0]?.title).toMatch(/in window 3$/);
  const failed = soakIn(finished).windows.filter(({ verdict }) => verdict === "failed");
  expect(failed).toMatchObject([{ number: 3, findings: 1 }]);
  const foreign = finished.report.matrix.cells.filter(([from, to]) => from !== to);
  expect(foreign).toHaveLength(1);
});

test("data of somebody who left with an earlier window is nobody else's", async () => {
  const finished = await soak("soak-keeps");

  expect(finished.exitCode, finished.stdout).toBe(1);
  const [leak] = findingsOf(finished).filter(({ kind }) => kind === "leak");
  expect(leak).toMatchObject({ from: "user-00", to: "user-01" });
  expect(soakIn(finished).windows[0]?.verdict).toBe("passed");
});

test("a server that dies in the middle is a finding, beside what was seen until then", async () => {
  const run = new WatertightRun(wordsFor("soak-falls", "--for", "4s", "--window", "1s"));
  const finished = await run.finished;

  expect(finished.exitCode, finished.stdout).toBe(1);
  const [crash] = findingsOf(finished);
  expect(crash).toMatchObject({ kind: "crash", tier: "proved", check: "7.1" });
  expect(crash?.title).toMatch(/exit code 1, \d+ s after the soak began, in window 3$/);
  expect(crash?.expected).toContain("the third crowd");
  expect(soakIn(finished)).toMatchObject({ played: 2, ending: "crash" });
  expect(run.processes).toEqual([]);
});

test("Ctrl-C ends a soak early, with a report, exit code 130, and nothing left running", async () => {
  const run = new WatertightRun(wordsFor("echo", "--for", "1h", "--window", "1s", "--users", "4"));
  await run.hasPrinted(" operations ");
  run.child.kill("SIGINT");
  const finished = await run.finished;

  expect(finished.exitCode, finished.stdout).toBe(130);
  const { played, ending } = soakIn(finished);
  expect(played).toBeGreaterThanOrEqual(1);
  expect(ending).toBe("interrupted");
  expect(finished.report.verdict).toBe("inconclusive");
  expect(findingsOf(finished)).toEqual([]);
  expect(run.processes).toEqual([]);
});

test("a soak that is killed takes the suite and the target with it", async () => {
  const run = new WatertightRun(wordsFor("echo", "--for", "1h", "--window", "1s", "--users", "4"));
  await run.hasPrinted(" operations ");
  expect(run.processes.length).toBeGreaterThanOrEqual(3);
  run.child.kill("SIGKILL");
  await run.finished;

  const deadline = performance.now() + 15_000;
  while (run.processes.length > 0 && performance.now() < deadline) await setTimeout(50);
  expect(run.processes).toEqual([]);
});

test("metrics are served while it goes on, and written after each window", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "watertight-metrics-")), "soak.prom");
  const words = ["--for", "1h", "--window", "1s", "--users", "4", "--metrics-port", "0"];
  const run = new WatertightRun(wordsFor("echo", ...words, "--metrics-file", file));
  const url = new Promise<string>((resolve) => {
    run.child.stdout?.on("data", (chunk: Buffer) => {
      const [found] = /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(chunk.toString()) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  const health = await fetch((await url).replace("metrics", "healthz"));
  expect([health.status, await health.text()]).toEqual([200, "ok\n"]);
  await run.hasPrinted(" operations ");

  const answer = await fetch(await url);
  const text = await answer.text();
  run.child.kill("SIGINT");
  expect((await run.finished).exitCode).toBe(130);
  expect(answer.headers.get("content-type")).toContain("version=0.0.4");
  for (const metric of [
    /^watertight_verdict\{[^}]*verdict="passed"\} 1$/m,
    /^watertight_routed_events_ratio\{[^}]*\} 1$/m,
    /^watertight_soak_windows\{[^}]*\} [1-9]/m,
    /^watertight_soak_memory_bytes\{[^}]*\} \d{6,}$/m,
  ]) {
    expect(text).toMatch(metric);
  }
  expect(readFileSync(file, "utf8")).toContain("watertight_soak_windows");
});
