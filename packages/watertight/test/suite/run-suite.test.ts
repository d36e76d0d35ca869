import { describe, expect, it } from "vitest";
import { CanaryBook } from "../../src/canary.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import { createIdentities } from "../../src/simulate/simulated-user.ts";
import { Bench } from "../../src/suite/bench.ts";
import { CATALOGUE, checksForAgents, selectChecks } from "../../src/suite/catalogue.ts";
import type { Check, CheckOutcome } from "../../src/suite/check.ts";
import { runSuite, type SuiteEvent, worst } from "../../src/suite/run-suite.ts";
import { createBlindWitness } from "../../src/suite/witness.ts";

const AGENTS = { answers: { agent: "echo" } };

function createBench(config: object = { agents: AGENTS }): Bench {
  const book = new CanaryBook();
  return new Bench({
    config: resolveConfig({ target: { command: "none" }, ...config }, "/"),
    target: { baseUrl: "http://127.0.0.1:1", death: undefined, output: "" },
    witness: createBlindWitness("The process was not looked into"),
    book,
    identities: createIdentities(3, book),
    seed: 7,
    onProgress: () => {},
  });
}

const GOOD: CheckOutcome = {
  observations: [],
  events: 10,
  control: { expected: 10, received: 10 },
  patterns: ["lockstep"],
  shown: "all is well",
};

function checkThat(outcome: Partial<CheckOutcome>, needs: Check["needs"] = []): Check {
  return { id: "1.1", title: "a check", needs, run: async () => ({ ...GOOD, ...outcome }) };
}

async function run(checks: readonly Check[], bench = createBench()) {
  const events: SuiteEvent[] = [];
  const [category] = await runSuite(bench, {
    categories: [{ id: 1, title: "a category", checks }],
    replay: (check) => `again ${check}`,
    folder: "/",
    onEvent: (event) => events.push(event),
  });
  return { category, results: category?.checks ?? [], events };
}

const LEAK: CheckOutcome["observations"][number] = {
  kind: "leak",
  tier: "proved",
  title: "a leak",
  from: "user-00",
  to: "user-01",
  occurrences: 1,
  pattern: { name: "lockstep", seed: 7 },
};

describe("the worst of some verdicts", () => {
  it.each([
    [["passed", "failed", "inconclusive"], "failed"],
    [["passed", "inconclusive"], "inconclusive"],
    [["passed", "passed"], "passed"],
    [[], "inconclusive"],
  ] as const)("of %j is %s", (verdicts, expected) => {
    expect(worst(verdicts)).toBe(expected);
  });
});

describe("a check", () => {
  it("with every control signal and no finding has passed, and says what it showed", async () => {
    const { results, category } = await run([checkThat({})]);

    expect(results).toMatchObject([
      { verdict: "passed", reason: "all is well", events: 10, users: 3 },
    ]);
    expect(category?.verdict).toBe("passed");
  });

  it.each([
    ["nothing", { expected: 10, received: 0 }],
    ["too little", { expected: 10, received: 8 }],
    ["nothing, which was not even expected", { expected: 0, received: 0 }],
  ])(
    "in which %s came back is inconclusive, though nothing foreign was seen",
    async (_, control) => {
      const { results, category } = await run([checkThat({ control })]);

      expect(results).toMatchObject([{ verdict: "inconclusive" }]);
      expect(results[0]?.reason).toContain(
        `Only ${control.received} of ${control.expected} answers carried the user's own secret`,
      );
      expect(category?.verdict).toBe("inconclusive");
    },
  );

  it("in which nine of ten came back has passed", async () => {
    const { results } = await run([checkThat({ control: { expected: 10, received: 9 } })]);

    expect(results).toMatchObject([{ verdict: "passed" }]);
  });

  it("with a finding has failed, whatever else is to be said of it", async () => {
    const control = { expected: 10, received: 0 };
    const { results } = await run([
      checkThat({ observations: [LEAK, LEAK], control, inconclusive: "who knows" }),
    ]);

    expect(results).toMatchObject([{ verdict: "failed", reason: "Seen: leak ×2" }]);
    expect(results[0]?.findings).toMatchObject([
      { check: "1.1", replay: "again 1.1", occurrences: 2 },
    ]);
  });

  it("that says itself that nothing can be said is inconclusive", async () => {
    const { results } = await run([checkThat({ inconclusive: "no such class" })]);

    expect(results).toMatchObject([{ verdict: "inconclusive", reason: "no such class" }]);
  });

  it.each<[Check["needs"][number], object, string]>([
    ["agents", { scenario: async () => {} }, "under `agents`"],
    ["slow agent", { agents: AGENTS }, "`agents.slow`"],
    ["dying agent", { agents: AGENTS }, "`agents.dies`"],
    ["process", { agents: AGENTS }, "was not looked into"],
  ])(
    "that needs %s is not made without, and says what is missing",
    async (need, config, reason) => {
      const { results } = await run(
        [checkThat({ observations: [LEAK] }, [need])],
        createBench(config),
      );

      expect(results).toMatchObject([{ verdict: "inconclusive", findings: [] }]);
      expect(results[0]?.reason).toContain(reason);
    },
  );

  it("that needs an agent is made with one", async () => {
    const agents = { ...AGENTS, slow: { agent: "slow" }, dies: { agent: "dying" } };
    const needs = ["agents", "slow agent", "dying agent"] as const;
    const { results } = await run([checkThat({}, needs)], createBench({ agents }));

    expect(results).toMatchObject([{ verdict: "passed" }]);
  });

  it("is announced before and reported after it is made", async () => {
    const { events } = await run([checkThat({}), { ...checkThat({}), id: "1.2" }]);

    expect(
      events.map((event) =>
        event.type === "check-ended" ? `ended ${event.result.id}` : `${event.type} ${event.id}`,
      ),
    ).toEqual(["check-started 1.1", "ended 1.1", "check-started 1.2", "ended 1.2"]);
  });
});

describe("the catalogue", () => {
  it("numbers its checks by their category, each once", () => {
    const ids = CATALOGUE.flatMap(({ id, checks }) =>
      checks.map((check) => [id, check.id] as const),
    );

    expect(ids.every(([category, id]) => id.startsWith(`${category}.`))).toBe(true);
    expect(new Set(ids.map(([, id]) => id)).size).toBe(ids.length);
  });

  it("is picked from by category and by check, in its own order", () => {
    const idsOf = (only: readonly string[]) =>
      selectChecks(only).map(({ id, checks }) => [id, checks.map((check) => check.id)]);

    expect(selectChecks([])).toEqual(CATALOGUE);
    expect(idsOf(["2.1", "1"])).toEqual([
      [1, ["1.1", "1.2", "1.3"]],
      [2, ["2.1"]],
    ]);
  });

  it("leaves out what only agents can show, unless it is asked for", () => {
    const idsOf = (only: readonly string[]) =>
      selectChecks(only, { hasAgents: false }).flatMap(({ checks }) => checks.map(({ id }) => id));

    expect(idsOf([])).toEqual([
      "1.1",
      "1.2",
      "1.3",
      "2.1",
      "2.2",
      "4.1",
      "4.2",
      "5.1",
      "6.1",
      "6.2",
      "7.1",
    ]);
    expect(checksForAgents()).toEqual(["3.1", "3.2", "3.3", "5.2"]);
    expect(idsOf(["3.1"])).toEqual(["3.1"]);
  });

  it("refuses an id that it doesn't know, and names those that it does", () => {
    let error: unknown;
    try {
      selectChecks(["1", "9.9"]);
    } catch (thrown) {
      error = thrown;
    }

    expect(error).toMatchObject({ code: "WT_USAGE" });
    expect(String(error)).toMatch(/1, 1\.1, .*2\.1.*got `9\.9`/);
  });
});
