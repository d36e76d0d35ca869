import { expect, test } from "vitest";
import { type Finished, watertight } from "./watertight-run.ts";

function check(target: string, users: number, only?: string): Promise<Finished> {
  const words = ["--users", String(users), ...(only === undefined ? [] : ["--only", only])];
  return watertight("check", `integration/targets/${target}`, ...words);
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
  const { exitCode, stdout, report } = await check("do-nothing", 4, "1,2,3");

  expect(exitCode, stdout).toBe(1);
  const verdicts = report.categories.flatMap(({ checks }) => checks.map(({ verdict }) => verdict));
  expect(verdicts).not.toContain("passed");
  expect(verdicts).toContain("failed");
});

test("what others are told when somebody leaves is judged, too", async () => {
  const { exitCode, stdout, report } = await check("leave-note", 6);

  expect(exitCode, stdout).toBe(1);
  const findings = report.categories.flatMap(({ checks }) => checks.flatMap((c) => c.findings));
  expect(findings.every(({ kind }) => kind === "leak")).toBe(true);
  expect(findings[0]?.frame?.excerpt).toContain("left");
});

test("a leak in the refusal of a handshake is caught, in small letters as well", async () => {
  const { exitCode, stdout } = await check("refusal", 6);

  expect(exitCode, stdout).toBe(1);
  expect(stdout).toMatch(/received \d frames? that belongs? to/);
  expect(stdout).toContain("/handshake");
});

test("users who fail halfway prove nothing, though they got something of their own", async () => {
  const { exitCode, stdout } = await check("half-served", 4);

  expect(exitCode, stdout).toBe(3);
  expect(stdout.replaceAll(/\s+/g, " ")).toMatch(/Only 0 of 12 answers.*server response: 404/);
});

test("a correct back end may have no numbers, a heartbeat, changing words, and no error answers", async () => {
  const { exitCode, stdout, report } = await check("chatty-agents", 6);

  expect(exitCode, stdout).toBe(0);
  expect(report.durationMs).toBeLessThan(25_000);
});

test("whoever comes with another user's session and is let in hears what is not theirs", async () => {
  const { exitCode, stdout, report } = await check("stolen-session", 4);

  expect(exitCode, stdout).toBe(1);
  const findings = report.categories.flatMap(({ checks }) => checks.flatMap((c) => c.findings));
  expect(findings.map(({ kind, from, to }) => `${kind} ${from} ${to}`).sort()).toEqual([
    "leak user-00 user-01",
    "leak user-02 user-03",
  ]);
});

test("of a cluster, nothing is said about how its components are made", async () => {
  const { exitCode, stdout } = await check("cluster", 4);

  expect(exitCode, stdout).toBe(3);
  expect(stdout.replaceAll(/\s+/g, " ")).toContain("The target is a cluster of 2 processes");
});
