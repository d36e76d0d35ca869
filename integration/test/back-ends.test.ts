import { describe, expect, test } from "vitest";
import { WatertightRun, watertight } from "./watertight-run.ts";

describe("the isolated back end", () => {
  test("passes all three categories with 50 users on real sockets, and nothing stays behind", async () => {
    const run = new WatertightRun(["check"]);
    const { exitCode, stdout, report } = await run.finished;

    expect(exitCode, stdout).toBe(0);
    expect(stdout).toContain("3 passed, 0 failed");
    expect(stdout).toMatch(/Isolation 50\/50 users · Routing 100 % of [\d,]+ events · Memory/);
    expect(report.users).toBe(50);
    expect(report.categories.map(({ verdict }) => verdict)).toEqual(["passed", "passed", "passed"]);
    for (const { control } of report.categories.flatMap(({ checks }) => checks)) {
      expect(control.expected).toBeGreaterThanOrEqual(50);
      expect(control.received).toBe(control.expected);
    }
    expect(report.matrix.cells.every(([from, to]) => from === to)).toBe(true);
    expect(report.matrix.cells).toHaveLength(50);
    expect(run.processes).toEqual([]);
  });

  test("passes as a module of components, too", async () => {
    const module = "examples/isolated-backend/src/components.ts";
    const { exitCode, stdout } = await watertight("check", module, "--users", "12");

    expect(exitCode, stdout).toBe(0);
    expect(stdout).toContain("3 passed, 0 failed");
  });
});

describe("the singleton back end", () => {
  test("fails every category with proof: both users, the frame, and the singleton with its line", async () => {
    const { exitCode, stdout, report } = await watertight(
      "check",
      "examples/singleton-backend",
      "--users",
      "20",
    );

    expect(exitCode, stdout).toBe(1);
    expect(stdout).toContain("0 passed, 3 failed");
    for (const { checks } of report.categories) {
      const findings = checks.flatMap((check) => check.findings);
      const proved = findings.filter(
        ({ tier, from, to, frame, canary }) =>
          tier === "proved" &&
          from &&
          to &&
          from !== to &&
          frame?.user === to &&
          canary?.owner === from,
      );
      const places = proved.flatMap(({ heldIn }) =>
        heldIn.map(({ file, line }) => `${file}:${line}`),
      );
      expect(places).toContain("examples/singleton-backend/src/web-socket-manager.ts:11");
    }
    expect(report.matrix.cells.some(([from, to]) => from !== to)).toBe(true);
  });

  test("fails every category as a module of components, too", async () => {
    const module = "examples/singleton-backend/src/components.ts";
    const { exitCode, stdout } = await watertight("check", module, "--users", "12");

    expect(exitCode, stdout).toBe(1);
    expect(stdout).toContain("0 passed, 3 failed");
  });
});
