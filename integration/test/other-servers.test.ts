import { expect, test } from "vitest";
import { type Finished, watertight } from "./watertight-run.ts";

function check(target: string, users: number): Promise<Finished> {
  return watertight("check", `integration/targets/${target}`, "--users", String(users));
}

test("an echo server gives no finding", async () => {
  const { exitCode, stdout, report } = await check("echo", 20);

  expect(exitCode, stdout).toBe(0);
  const checks = report.categories.flatMap((category) => category.checks);
  expect(checks.flatMap(({ findings }) => findings)).toEqual([]);
  expect(checks.every(({ control }) => control.received >= 20)).toBe(true);
});

test("a server that repeats everything to everybody leaks to every pair of users", async () => {
  const { exitCode, stdout, report } = await check("broadcast", 5);

  expect(exitCode, stdout).toBe(1);
  const foreign = report.matrix.cells.filter(([from, to]) => from !== to);
  expect(foreign).toHaveLength(20);
});

test("a module variable that outlives an await is caught, and named with its line", async () => {
  const { exitCode, stdout, report } = await check("last-writer", 10);

  expect(exitCode, stdout).toBe(1);
  const findings = report.categories.flatMap(({ checks }) => checks.flatMap((c) => c.findings));
  expect(findings[0]).toMatchObject({ kind: "leak", tier: "proved" });
});

test("a server that does nothing is not green: every check fails or can't say anything", async () => {
  const { exitCode, stdout, report } = await check("do-nothing", 4);

  expect(exitCode, stdout).toBe(1);
  const verdicts = report.categories.flatMap(({ checks }) => checks.map(({ verdict }) => verdict));
  expect(verdicts).not.toContain("passed");
  expect(verdicts).toContain("failed");
});
