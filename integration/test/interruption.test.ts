import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { WatertightRun } from "./watertight-run.ts";

async function untilNothingIsLeft(run: WatertightRun): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (run.processes.length > 0 && performance.now() < deadline) await setTimeout(50);
  expect(run.processes).toEqual([]);
}

test("Ctrl-C in the middle ends the target and everything else, with exit code 130", async () => {
  const run = new WatertightRun(["check", "--users", "10"]);
  await run.hasPrinted("1.1");
  expect(run.processes.length).toBeGreaterThanOrEqual(3);
  run.child.kill("SIGINT");

  expect((await run.finished).exitCode).toBe(130);
  expect(run.processes).toEqual([]);
});

test("a command line that is killed at once takes the suite and the target with it", async () => {
  const run = new WatertightRun(["check", "--users", "10"]);
  await run.hasPrinted("1.1");
  expect(run.processes.length).toBeGreaterThanOrEqual(3);
  run.child.kill("SIGKILL");

  await run.finished;
  await untilNothingIsLeft(run);
});

test("a killed process of the suite is told, with exit code 2, and takes the target with it", async () => {
  const run = new WatertightRun(["check", "--users", "10"]);
  await run.hasPrinted("1.1");
  const suite = run.processes.find((id) => id !== run.child.pid) as number;
  process.kill(suite, "SIGKILL");

  const { exitCode, stderr } = await run.finished;
  expect(exitCode).toBe(2);
  expect(stderr).toContain("it ended with SIGKILL");
  await untilNothingIsLeft(run);
});
