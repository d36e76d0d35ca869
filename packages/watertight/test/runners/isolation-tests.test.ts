import { describe, expect, it } from "vitest";
import { findingBlock } from "../../src/reporters/finding-text.ts";
import { explainFailure } from "../../src/runners/explain-failure.ts";
import { createIsolationTests } from "../../src/runners/isolation-tests.ts";
import { CATALOGUE } from "../../src/suite/catalogue.ts";
import { broadcastReport } from "../reporters/sample-report.ts";

const FRAMES = "    at /home/anna/app/isolation.test.ts:3:1";

describe("the tests of a target", () => {
  it("are the checks of the catalogue, by category", () => {
    const { groups, title } = createIsolationTests("app", {}, FRAMES);
    expect(title).toBe("isolation of app");
    expect(groups.map((group) => group.title)).toEqual(
      CATALOGUE.map((category) => `${category.id} ${category.title}`),
    );
    expect(groups.flatMap(({ tests }) => tests.map((test) => test.title))).toEqual(
      CATALOGUE.flatMap(({ checks }) => checks.map((check) => `${check.id} ${check.title}`)),
    );
  });

  it("are only those that were asked for", () => {
    const { groups } = createIsolationTests("app", { only: ["2", "3.1"] }, FRAMES);
    const ids = groups.flatMap(({ tests }) => tests.map(({ title }) => title.split(" ")[0]));
    expect(ids).toEqual(["2.1", "2.2", "3.1"]);
    expect(() => createIsolationTests("app", { only: ["9.9"] }, FRAMES)).toThrow("got `9.9`");
  });

  it("can't be made of what can't be named to another process", () => {
    const config = { target: { command: "node server.js" } } as never;
    expect(() => createIsolationTests(config, {}, FRAMES)).toThrow(/path or a file: URL .* object/);
    const remote = new URL("https://example.com");
    expect(() => createIsolationTests(remote, {}, FRAMES)).toThrow("https://example.com");
  });

  it("fail all for the reason why the suite can't work, at the line that asked", async () => {
    const { groups, stop } = createIsolationTests("no/such/folder", { only: ["2.1"] }, FRAMES);
    const error = await groups[0]?.tests[0]?.make(undefined).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      name: "ToolError",
      message: expect.stringContaining("there is nothing at"),
      stack: expect.stringMatching(/\(WT_TARGET_NOT_FOUND\)\n {4}at .*isolation\.test\.ts:3:1$/),
    });
    await stop();
  });
});

describe("a check that did not pass", () => {
  const checks = broadcastReport().categories.flatMap((category) => category.checks);

  it("is told with a finding of each kind, as the command line prints it", () => {
    const failed = checks.find(({ verdict }) => verdict === "failed");
    if (failed?.findings[0] === undefined) throw new Error("Expected a failed check in the sample");
    const { message, stack } = explainFailure(failed, FRAMES);
    expect(message).toContain(`${failed.id} ${failed.title}: ${failed.reason}`);
    expect(message).toContain(findingBlock(failed.findings[0]));
    expect(stack?.endsWith(FRAMES)).toBe(true);
    const again = { ...failed, findings: [failed.findings[0], failed.findings[0]] };
    expect(explainFailure(again, FRAMES).message).toContain("… and 1 more");
  });

  it("is told with its reason if nothing could be said", () => {
    const [check] = checks;
    if (check === undefined) throw new Error("Expected checks in the sample");
    const reason = "Only 0 of 12 answers came.";
    const { message } = explainFailure({ ...check, verdict: "inconclusive", reason }, FRAMES);
    expect(message).toContain("inconclusive\nOnly 0 of 12 answers came.");
  });
});
