import { describe, expect, test, vi } from "vitest";
import { WatertightRun } from "./watertight-run.ts";

vi.setConfig({ testTimeout: 120_000 });

const TARGET = "integration/targets/pitfalls";

async function check(flaw: string, only: string) {
  const env = { FLAW: flaw };
  const run = new WatertightRun(["check", TARGET, "--only", only, "--seed", "7"], { env });
  return run.finished;
}

describe("a server that makes one mistake", () => {
  test.each([
    ["plain", "1.1", "one after another", "leak"],
    ["upload", "1.1", "unequal latencies", "leak"],
    ["ids", "1.2", "borrowed ids", "foreign-access"],
    ["glued", "1.2", "look-alike requests", "leak"],
    ["bytes", "1.2", "look-alike requests", "leak"],
    ["stream", "1.3", "in turns", "leak"],
    ["line", "1.3", "one keep-alive connection for two users", "leak"],
    ["aborted", "2.2", "abort in the middle, then the next user", "leak"],
    ["broken", "2.2", "a step that fails, then the next user", "leak"],
  ])("of the kind `%s` is caught by %s: %s", async (flaw, id, pattern, kind) => {
    const { exitCode, stdout, report } = await check(flaw, id);
    const findings = report.categories.flatMap(({ checks }) =>
      checks.flatMap((made) => made.findings),
    );
    const rounds = report.categories.flatMap(({ checks }) =>
      checks.flatMap((made) => made.patterns),
    );

    expect(exitCode, stdout).toBe(1);
    expect(rounds).toContain(pattern);
    expect(
      findings.map((finding) => `${finding.kind} ${finding.tier} ${finding.pattern.name}`),
      stdout,
    ).toContain(`${kind} proved ${pattern}`);
  });
});

test("requests that look alike are named with the fields that were glued", async () => {
  const { report } = await check("glued", "1.2");
  const [finding] = report.categories.flatMap(({ checks }) =>
    checks.flatMap(({ findings }) => findings),
  );

  expect(finding?.title).toMatch(
    /^user-0[01] received the answer to user-0[01], whose request looks like it once x-(first and x-second|second and x-first) are glued together/,
  );
});

test("a leak comes with the least that shows it, and with what happens one user at a time", async () => {
  const race = await check("upload", "1.1");
  const cache = await check("plain", "1.1");
  const [ofRace, ofCache] = [race, cache].map(
    ({ report }) =>
      report.categories[0]?.checks[0]?.findings.find(({ smallest }) => smallest)?.smallest,
  );

  expect(ofRace, race.stdout).toMatchObject({ oneAfterAnother: { failed: 0 } });
  // That a race shows without the other steps, too, takes some luck.
  expect(ofRace?.steps).toContain(2);
  expect(ofCache?.users).toHaveLength(2);
  expect(ofCache?.again.failed).toBe(ofCache?.again.of);
  expect(ofCache, cache.stdout).toMatchObject({ steps: [1] });
  expect(ofCache?.oneAfterAnother.failed).toBe(ofCache?.oneAfterAnother.of);
  expect(cache.stdout).toMatch(/suffices +user-\d+, user-\d+ with step 1: again in \d of \d/);
});

test("what one pattern did not bring does not hide behind what the others brought", async () => {
  const { exitCode, stdout } = await check("taken", "1.2");

  expect(exitCode, stdout).toBe(3);
  expect(stdout.replaceAll(/\s+/g, " ")).toContain(
    "By the pattern equal names: Only 1 of 12 answers",
  );
  expect(stdout.replaceAll(/\s+/g, " ")).toContain("the name was refused with status 409");
});

test("the same server without a mistake passes, and everybody got what is theirs", async () => {
  const { exitCode, stdout, report } = await check("none", "1,2");

  expect(exitCode, stdout).toBe(0);
  for (const { id, control } of report.categories.flatMap(({ checks }) => checks)) {
    expect(control.expected, id).toBeGreaterThan(0);
    expect(control.received, id).toBe(control.expected);
  }
});
