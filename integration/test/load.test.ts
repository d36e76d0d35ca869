import { describe, expect, test } from "vitest";
import type { Report } from "watertight";
import { WatertightRun } from "./watertight-run.ts";

type Finding = Report["categories"][number]["checks"][number]["findings"][number];

interface Loaded {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly report: Report;
  readonly findings: readonly Finding[];
}

async function load(fault: string, check: string, users: number): Promise<Loaded> {
  const words = ["check", "integration/targets/load", "--only", check, "--users", String(users)];
  const run = new WatertightRun(words, { env: { FAULT: fault } });
  const { exitCode, stdout, report } = await run.finished;
  const checks = report.categories.flatMap((category) => category.checks);
  return { exitCode, stdout, report, findings: checks.flatMap(({ findings }) => findings) };
}

function kindsOf(findings: readonly Finding[]): readonly string[] {
  return [...new Set(findings.map(({ kind }) => kind))].sort();
}

describe("a load", () => {
  test("on a server that is busy and correct finds nothing, and measures everything", async () => {
    const { exitCode, stdout, report, findings } = await load("", "6", 20);

    expect(exitCode, stdout).toBe(0);
    expect(findings).toEqual([]);
    const { performance, memory } = report;
    expect(performance?.points.map(({ users }) => users)).toEqual([1, 5, 10, 20]);
    expect(performance?.points.every(({ cpuPerOperation }) => Number(cpuPerOperation) > 0)).toBe(
      true,
    );
    expect(performance?.solo.count).toBeGreaterThan(0);
    expect(performance?.fit?.words).toContain("users hardly wait for each other");
    expect(performance?.fairness?.flooded.count).toBeGreaterThan(0);
    expect(memory?.connected.at(-1)?.users).toBe(20);
    expect(memory?.perUser?.low).toBeLessThan(30_000);
  });

  test("on a lock of 20 ms that all users share is contention, held where all users hang", async () => {
    const { exitCode, stdout, report, findings } = await load("lock", "6.1", 12);

    expect(exitCode, stdout).toBe(1);
    expect(kindsOf(findings)).toEqual(["contention"]);
    const [finding] = findings;
    expect(finding?.heldIn[0]).toMatchObject({
      variable: "desks",
      file: "integration/targets/load/server.js",
      line: 25,
    });
    expect(finding?.measured?.map(({ unit }) => unit)).toContain("ms");
    expect(report.performance?.fit?.contention).toBeGreaterThan(0.03);
  });

  test("on a server that sends everything to everybody is paid for by each user", async () => {
    const { exitCode, stdout, findings } = await load("broadcast", "6.1", 20);

    expect(exitCode, stdout).toBe(1);
    expect(kindsOf(findings)).toEqual(["cost-per-user", "leak"]);
    expect(findings.find(({ kind }) => kind === "cost-per-user")?.title).toContain("frames");
  });

  test("on a server that asks for each user whether a frame is theirs costs more with each", async () => {
    const { exitCode, stdout, findings } = await load("scan", "6.1", 40);

    expect(exitCode, stdout).toBe(1);
    expect(kindsOf(findings)).toEqual(["cost-per-user"]);
    expect(findings[0]?.title).toContain("cost the server");
  });

  test("on a server that serves one user's queue first is unfair to the others", async () => {
    const { exitCode, stdout, findings } = await load("queue", "6.1", 12);

    expect(exitCode, stdout).toBe(1);
    expect(kindsOf(findings)).toContain("unfair");
    expect(findings.find(({ kind }) => kind === "unfair")).toMatchObject({ from: "user-00" });
  });

  test("on a server on which each user holds a list of all others makes each user heavier", async () => {
    const { exitCode, stdout, findings } = await load("list", "6.2", 40);

    expect(exitCode, stdout).toBe(1);
    expect(kindsOf(findings)).toEqual(["memory-per-user"]);
    expect(findings[0]?.heldIn[0]?.variable).toBe("desks");
  });
});

test("the singletons fail the category, and are named with their lines", async () => {
  const words = ["check", "examples/singleton-backend", "--only", "6", "--users", "20"];
  const { exitCode, stdout, report } = await new WatertightRun(words).finished;

  expect(exitCode, stdout).toBe(1);
  const findings = report.categories.flatMap(({ checks }) => checks.flatMap((c) => c.findings));
  const places = findings.flatMap(({ heldIn }) =>
    heldIn.map(({ file, line }) => `${file}:${line}`),
  );
  expect(places).toContain("examples/singleton-backend/src/web-socket-manager.ts:11");
});
