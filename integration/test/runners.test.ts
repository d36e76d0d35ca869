import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { RunnerRun, VITEST_RUN } from "./runner-run.ts";

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Expected ${what} within a minute`);
    await setTimeout(50);
  }
}

function isTargetUp(run: RunnerRun): boolean {
  return [...run.processes.values()].some((command) => command.endsWith("server.js "));
}

describe("the suite in Vitest", () => {
  test("is green for a server that answers to the right user, and skips what its config leaves out", async () => {
    const { exitCode, output } = await RunnerRun.vitest("echo", "--reporter=verbose").finished;

    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/✓ .*1\.1 concurrent user execution/);
    expect(output).toMatch(/✓ .*2\.1 event routing/);
    expect(output).toMatch(/↓ .*7\.1 .*left out by `only` of the config/);
    expect(output).toContain("2 passed | 13 skipped (15)");
  });

  test("is red for a server that tells everybody, with the finding and the line that asked", async () => {
    const run = RunnerRun.vitest("broadcast", "-t", "2.1");
    const { exitCode, output } = await run.finished;

    expect(exitCode, output).toBe(1);
    expect(output).toContain("AssertionError: 2.1 event routing: Seen: leak");
    expect(output).toMatch(/user-0\d received \d+ frames? that belongs? to user-0\d/);
    expect(output).toContain(
      "replay: npx watertight check integration/targets/broadcast --only 2.1 --seed 7 --users 4",
    );
    expect(output).toMatch(/❯ .*vitest\.js:4:1/);
    expect(run.processes.size).toBe(0);
  });

  test("leaves no process when it is interrupted or killed in the middle", async () => {
    for (const signal of ["SIGINT", "SIGKILL"] as const) {
      const run = RunnerRun.vitest("echo");
      await until(() => isTargetUp(run), "the server to be up");
      run.child.kill(signal);
      await run.finished;
      await until(() => run.processes.size === 0, `no process to be left after ${signal}`);
    }
  });

  test("stops the suite when a test runs out of time, and begins again with the next", async () => {
    const run = new RunnerRun(VITEST_RUN, "echo", 1000);
    const { exitCode, output } = await run.finished;

    expect(exitCode, output).toBe(1);
    expect(output).toContain("Error: Test timed out in 1000ms");
    expect(output).toContain("2 failed | 13 skipped (15)");
    expect(run.processes.size).toBe(0);
  });
});

describe("the suite in node:test", () => {
  test("makes only what is asked for, and leaves no process", async () => {
    const run = RunnerRun.nodeTest("echo", "--test-name-pattern=2\\.1");
    const { exitCode, output } = await run.finished;

    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/ok 1 - 2\.1 event routing\n/);
    expect(output).toMatch(/# pass 1\n/);
    expect(run.processes.size).toBe(0);
  });

  test("is red for a server that tells everybody, with the finding", async () => {
    const { exitCode, output } = await RunnerRun.nodeTest("broadcast").finished;

    expect(exitCode, output).toBe(1);
    expect(output).toContain("2.1 event routing: Seen: leak");
    expect(output).toMatch(/evidence +proved, wt-[0-9a-f]{6}/);
  });

  test("is red where nothing could be proved, and where the server does not start", async () => {
    const halfServed = await RunnerRun.nodeTest("half-served").finished;
    expect(halfServed.exitCode, halfServed.output).toBe(1);
    expect(halfServed.output).toContain("inconclusive");
    expect(halfServed.output).toMatch(/Only 0 of \d+ answers carried the user's own secret/);

    const exitsEarly = await RunnerRun.nodeTest("exits-early").finished;
    expect(exitsEarly.exitCode, exitsEarly.output).toBe(1);
    expect(exitsEarly.output).toContain("before it was ready");
    expect(exitsEarly.output).toMatch(/# pass 0\n/);
  });

  test("leaves no process when it is interrupted in the middle", async () => {
    const run = RunnerRun.nodeTest("echo");
    await until(() => isTargetUp(run), "the server to be up");
    run.child.kill("SIGINT");
    await run.finished;
    await until(() => run.processes.size === 0, "no process to be left");
  });
});
