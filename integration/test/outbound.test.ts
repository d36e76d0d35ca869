import { describe, expect, test, vi } from "vitest";
import type { Finding } from "watertight";
import { type Finished, WatertightRun } from "./watertight-run.ts";

vi.setConfig({ testTimeout: 120_000 });

const USERS = 8;

function check(env: NodeJS.ProcessEnv, only = "2.1"): Promise<Finished> {
  const words = ["--only", only, "--seed", "11", "--users", String(USERS)];
  return new WatertightRun(["check", "integration/targets/mailer", ...words], { env }).finished;
}

function findingsOf({ report }: Finished): readonly Finding[] {
  return report.categories.flatMap(({ checks }) => checks.flatMap(({ findings }) => findings));
}

describe("one mail object for all users", () => {
  test.each(["smtp", "http"])("is caught over %s, with the names of both", async (via) => {
    const run = await check({ VIA: via, MAIL: "shared" });
    const findings = findingsOf(run);
    const sink = via === "smtp" ? "mail" : "api";

    expect(run.exitCode, run.stdout).toBe(1);
    expect(findings.length).toBeGreaterThan(0);
    for (const { kind, tier, title, from, to, frame, canary } of findings) {
      expect([kind, tier]).toEqual(["outbound-leak", "proved"]);
      expect(from).not.toBe(to);
      expect(title).toMatch(`A message to the sink ${sink} for ${to} carried data of ${from}`);
      expect(frame).toMatchObject({ user: to, connection: sink });
      expect(canary).toMatchObject({ owner: from, label: "invoice" });
    }
    const { isolation, routing } = run.report.metrics;
    expect(isolation?.isolatedUsers).toBeLessThan(USERS);
    expect(routing?.correct).toBe(routing?.total);
    expect(run.report.matrix.cells.filter(([owner, reader]) => owner !== reader)).toEqual([]);
    expect(run.stdout.replaceAll(/\s+/g, " ")).toMatch(/first: (mail|api) message \d+/);
  });
});

describe("a mail for each user", () => {
  test.each(["smtp", "http"])(
    "passes over %s: what arrived at the sink is the control signal",
    async (via) => {
      const run = await check({ VIA: via });

      expect(run.exitCode, run.stdout).toBe(0);
      const [made] = run.report.categories.flatMap(({ checks }) => checks);
      expect(made?.control.expected).toBeGreaterThanOrEqual(3 * USERS);
      expect(made?.control.received).toBe(made?.control.expected);
      expect(run.report.exposed).toEqual([]);
      const gaps = run.report.notCovered.join("\n");
      expect(gaps).toContain(
        "to other places than its sinks (mail, api, digest) was not looked at.",
      );
    },
  );

  test("passes in processes of their own, which are told of the same sinks", async () => {
    const run = await check({}, "5.1");

    expect(run.exitCode, run.stdout).toBe(0);
    const [made] = run.report.categories.flatMap(({ checks }) => checks);
    expect(made?.control).toEqual({ expected: 2 * USERS, received: 2 * USERS });
  });

  test("is no leak by a digest of several users, unless nobody said that it is one", async () => {
    const run = await check({ DIGEST: "undeclared" });

    expect(run.exitCode, run.stdout).toBe(1);
    const titles = findingsOf(run).map(({ title }) => title);
    expect(titles.length).toBeGreaterThan(0);
    expect(titles.every((title) => title.startsWith("A message to the sink digest"))).toBe(true);
  });
});

describe("what a server prints", () => {
  test("is a note in every report for people, and fails nothing", async () => {
    const run = await check({ LOGS: "chatty" });

    expect(run.exitCode, run.stdout).toBe(0);
    expect(run.report.exposed).toMatchObject([{ kind: "logged", tier: "exposed", check: "2.1" }]);
    const [note] = run.report.exposed ?? [];
    expect(note?.title).toMatch(
      /^The server printed “user id” of 8 users \(user-0\d, .*\), \d+ times$/,
    );
    expect(note?.example).toMatch(/^POST \/orders by user-0\d-wtcanary....…$/);
    expect(run.stdout.replaceAll(/\s+/g, " ")).toContain("Note: The server printed “user id” of 8");
  });

  test("is of no interest if the config says so, and the report says that", async () => {
    const run = await check({ LOGS: "ignored" });

    expect(run.exitCode, run.stdout).toBe(0);
    expect(run.report.exposed).toBeUndefined();
    expect(run.report.notCovered).toContain("What the server prints was not looked at.");
  });
});
