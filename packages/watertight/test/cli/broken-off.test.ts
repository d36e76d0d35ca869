import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CanaryBook } from "../../src/canary.ts";
import { reportSoFar } from "../../src/cli/broken-off.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import { ToolError } from "../../src/errors.ts";
import { overlap } from "../../src/patterns/pattern.ts";
import type { IsolationTestResult, Report } from "../../src/report.ts";
import { createIdentities, type SimulatedUser } from "../../src/simulate/simulated-user.ts";
import { Bench } from "../../src/suite/bench.ts";
import type { Check, CheckOutcome } from "../../src/suite/check.ts";
import { playScenario } from "../../src/suite/conversations.ts";
import { runSuite, type SuiteEvent } from "../../src/suite/run-suite.ts";
import { summarize } from "../../src/suite/summary.ts";
import { createBlindWitness } from "../../src/suite/witness.ts";
import { passedReport } from "../reporters/sample-report.ts";

/** A server that answers each motto, and the one before it if it is told to. */
class Mottos {
  leaks = false;
  readonly #heard: string[] = [];
  readonly #server: Server = createServer((request, response) => {
    this.#heard.push(request.url ?? "");
    response.end(this.#heard.slice(this.leaks ? -2 : -1).join(" "));
  });

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

describe("a check that breaks in the middle", () => {
  let server: Mottos;
  let lost: ToolError | undefined;
  let bench: Bench;
  beforeEach(async () => {
    server = new Mottos();
    lost = undefined;
    const baseUrl = await server.start();
    const book = new CanaryBook();
    const scenario = async (user: SimulatedUser): Promise<void> => {
      await user.fetch(`/${user.canary("motto")}`);
    };
    bench = new Bench({
      config: resolveConfig({ target: { url: baseUrl }, scenario }, "/"),
      target: { baseUrl, death: undefined, output: "", lost: async () => lost },
      witness: createBlindWitness("The process was not looked into"),
      book,
      identities: createIdentities(4, book),
      seed: 7,
      onProgress: () => {},
    });
  });
  afterEach(() => server.stop());

  const play: Check["run"] = async (at): Promise<CheckOutcome> => {
    const result = await at.play({ pattern: overlap, task: playScenario(at), quietMs: 20 });
    return summarize([{ pattern: overlap.name, result }], () => "all is well");
  };
  const check = (id: string, run: Check["run"] = play): Check => ({
    id,
    title: `check ${id}`,
    needs: [],
    run,
  });
  /** Plays a round, and then can't go on. */
  const breaksWith = (error: unknown): Check["run"] => {
    return async (at) => {
      await play(at);
      throw error;
    };
  };

  async function run(...checks: readonly Check[]) {
    const events: SuiteEvent[] = [];
    const categories = [{ id: 1, title: "a category", checks }];
    const error: unknown = await runSuite(bench, {
      categories,
      replay: (id) => `again ${id}`,
      folder: "/",
      onEvent: (event) => events.push(event),
    }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const made = events.flatMap((event): IsolationTestResult[] =>
      event.type === "check-ended" || event.type === "check-broken" ? [event.result] : [],
    );
    return { categories, events, made, error };
  }

  function reportOf({ categories, made, error }: Awaited<ReturnType<typeof run>>): Report {
    const head = passedReport();
    return reportSoFar({
      bench,
      head,
      only: [],
      complaints: ["It moaned."],
      categories,
      made,
      error,
    });
  }

  const crash = new ToolError("WT_TARGET_CRASHED", "Expected it to live.\n  The last it printed");

  it("is inconclusive if nothing foreign was seen, and says why", async () => {
    const ran = await run(check("1.1"), check("1.2", breaksWith(crash)), check("1.3"));

    expect(ran.error).toBe(crash);
    expect(ran.made).toMatchObject([
      { id: "1.1", verdict: "passed" },
      { id: "1.2", verdict: "inconclusive", reason: "Broken off: Expected it to live.", events: 4 },
    ]);
    expect(ran.events.at(-1)).toMatchObject({ type: "check-broken", id: "1.2" });
    const report = reportOf(ran);
    expect(report).toMatchObject({
      verdict: "inconclusive",
      categories: [{ id: 1, verdict: "inconclusive", checks: [{ id: "1.1" }, { id: "1.2" }] }],
      metrics: { isolation: null, routing: null },
    });
    expect(report.notCovered[0]).toBe(
      "The run was broken off in 1.2: Expected it to live. Not made: 1.3.",
    );
    expect(report.notCovered).toContain("It moaned.");
    expect(report.matrix.cells).toHaveLength(4);
  });

  it("has failed if somebody had received what is somebody else's", async () => {
    server.leaks = true;
    const ran = await run(check("1.1", breaksWith(crash)));

    expect(ran.made).toMatchObject([
      { verdict: "failed", reason: expect.stringMatching(/leak ×/) },
    ]);
    expect(ran.made[0]?.findings[0]).toMatchObject({ kind: "leak", replay: "again 1.1" });
    expect(reportOf(ran).verdict).toBe("failed");
  });

  it("has failed also if the target was lost in that very round", async () => {
    server.leaks = true;
    lost = new ToolError("WT_TARGET_CRASHED", "Expected it to be there");
    const ran = await run(check("1.1"));

    expect(ran.error).toBe(lost);
    expect(ran.made).toMatchObject([{ id: "1.1", verdict: "failed" }]);
    expect(ran.made[0]?.findings.every(({ kind }) => kind === "leak")).toBe(true);
  });

  it("was lost before any check, or after all of them: nothing has passed", async () => {
    const none = reportOf({ ...(await run()), error: crash });
    expect(none.verdict).toBe("inconclusive");
    expect(none.notCovered[0]).toMatch(/^The run was broken off before the first check was made: /);

    const all = reportOf({ ...(await run(check("1.1"))), error: crash });
    expect(all.categories[0]?.verdict).toBe("passed");
    expect(all.verdict).toBe("inconclusive");
    expect(all.notCovered[0]).toBe("The run was broken off in 1.1: Expected it to live.");
  });

  it.each(["WT_TARGET_EXITED", "WT_TARGET_NOT_READY", "WT_PORT_TAKEN"] as const)(
    "because the server could not be started once more (%s) breaks no other",
    async (code) => {
      const another = new ToolError(code, "Expected it to start");
      const { error, made } = await run(check("1.1", breaksWith(another)), check("1.2"));

      expect(error).toBeUndefined();
      expect(made.map(({ verdict }) => verdict)).toEqual(["inconclusive", "passed"]);
      expect(made[0]?.reason).toBe("Broken off: Expected it to start");
    },
  );

  it("for a reason that nobody foresaw is told all the same", async () => {
    const { error, made } = await run(check("1.1", breaksWith("a text")));

    expect(error).toBe("a text");
    expect(made).toMatchObject([{ verdict: "inconclusive", reason: "Broken off: a text" }]);
  });
});
