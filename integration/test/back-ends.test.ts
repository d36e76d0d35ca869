import { describe, expect, test, vi } from "vitest";
import { WatertightRun, watertight } from "./watertight-run.ts";

// Fifteen checks take their time, on a busy machine more.
vi.setConfig({ testTimeout: 360_000 });

describe("the isolated back end", () => {
  test("passes all seven categories with 50 users on real sockets, and nothing stays behind", async () => {
    const run = new WatertightRun(["check"]);
    const { exitCode, stdout, report } = await run.finished;

    expect(exitCode, stdout).toBe(0);
    expect(stdout).toContain("7 passed, 0 failed");
    expect(report.categories.flatMap(({ checks }) => checks)).toHaveLength(15);
    expect(stdout).toMatch(/Isolation 50\/50 users · Routing 100 % of [\d,]+ events · Memory/);
    expect(report.users).toBe(50);
    for (const { id, control } of report.categories.flatMap(({ checks }) => checks)) {
      expect(control.expected, id).toBeGreaterThanOrEqual(12);
      expect(control.received, id).toBe(control.expected);
    }
    expect(report.matrix.cells.every(([from, to]) => from === to)).toBe(true);
    expect(report.matrix.cells).toHaveLength(50);
    expect(run.processes).toEqual([]);
  });

  test("passes as a module of components, too", async () => {
    const module = "examples/isolated-backend/src/components.ts";
    const words = ["--users", "12", "--only", "1.3,3,4.2,5.2,7"];
    const { exitCode, stdout } = await watertight("check", module, ...words);

    expect(exitCode, stdout).toBe(0);
    expect(stdout).toContain("5 passed, 0 failed");
  });
});

describe("the singleton back end", () => {
  test("fails every category with proof: both users, the frame, and the singleton with its line", async () => {
    const { exitCode, stdout, report } = await watertight(
      "check",
      "examples/singleton-backend",
      "--users",
      "20",
      "--only",
      "1,2,3",
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

  test("fails as a module of components, too", async () => {
    const module = "examples/singleton-backend/src/components.ts";
    const words = ["--users", "12", "--only", "2,3"];
    const { exitCode, stdout } = await watertight("check", module, ...words);

    expect(exitCode, stdout).toBe(1);
    expect(stdout).toContain("0 passed, 2 failed");
  });

  test("fails in memory and everything at once with one of the singletons named", async () => {
    const words = ["--users", "12", "--only", "4.2,7"];
    const { stdout, report } = await watertight("check", "examples/singleton-backend", ...words);

    for (const { id, verdict, checks } of report.categories) {
      expect(verdict, `${id}\n${stdout}`).toBe("failed");
      const holders = checks.flatMap(({ findings }) => findings.flatMap(({ heldIn }) => heldIn));
      expect(holders.map(({ variable }) => variable)).toEqual(
        expect.arrayContaining([expect.stringMatching(/managerInstance|bridgeInstance|instance/)]),
      );
    }
  });
});
