import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Finding, Report } from "watertight";
import { type Case, choose, CORPUS, isControl, readCases, SIDES } from "../corpus/cases.ts";
import { type SideResult, summarize } from "../corpus/check-side.ts";
import { describe as document } from "../corpus/document.ts";
import { conclude, isAsExpected, type Judged } from "../corpus/judge.ts";

interface Lock {
  readonly packages: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const CASES = await readCases();
const sides = CASES.flatMap((target) => SIDES.map((side) => ({ target, side, id: target.id })));

function read(...path: string[]): Promise<string> {
  return readFile(join(CORPUS, ...path), "utf8");
}

describe("the cases", () => {
  test("are twelve leaks, of which the vulnerable version must be proved, and two controls", () => {
    const leaks = CASES.filter((target) => !isControl(target));
    expect(leaks).toHaveLength(12);
    expect(CASES.length - leaks.length).toBe(2);
    for (const { id, expect: expected } of leaks) {
      expect(expected.vulnerable, id).toBe("proved");
      expect(["passed", "silent"], id).toContain(expected.fixed);
    }
  });

  test.each(sides)(
    "$id, $side: all versions are pinned, no registry is",
    async ({ target, side }) => {
      const manifest = JSON.parse(await read(target.id, side, "package.json")) as {
        readonly dependencies: Readonly<Record<string, string>>;
      };
      const { packages } = JSON.parse(await read(target.id, side, "package-lock.json")) as Lock;
      expect(manifest.dependencies[target.package]).toBe(target.pins[side]);
      for (const version of Object.values(manifest.dependencies)) expect(version).toMatch(/^\d/);
      const locked = Object.entries(packages).filter(([path]) => path !== "");
      expect(packages[`node_modules/${target.package}`]?.["version"]).toBe(target.pins[side]);
      for (const [path, entry] of locked) {
        expect(entry["resolved"], path).toBeUndefined();
        expect(entry["integrity"], path).toMatch(/^sha512-/);
      }
    },
  );

  test.each(CASES)("$id: the config has one user and no timing", async ({ id }) => {
    const config = await read(id, "watertight.config.mjs");
    expect(config.match(/^import .*$/gm)).toHaveLength(1);
    expect(config).toMatch(/^import \{.*\} from "watertight";$/m);
    expect(config).not.toMatch(/setTimeout|Promise\.all|\bother|victim/);
  });

  test("an unknown one is refused with those that there are", () => {
    expect(() => choose(CASES, ["no-such-case"])).toThrow(/undici-dedupe-key.*got no-such-case/);
    expect(choose(CASES, ["undici-dedupe-key"]).map(({ id }) => id)).toEqual(["undici-dedupe-key"]);
  });
});

const LEAK: Case = {
  id: "some-leak",
  package: "some-package",
  advisory: { name: "GHSA-1", url: "https://example.com/1" },
  class: "shared cache",
  mechanism: "It is shared.",
  pins: { vulnerable: "1.0.0", fixed: "1.0.1" },
  expect: { vulnerable: "proved", fixed: "passed" },
};
const REFUSING: Case = {
  ...LEAK,
  expect: { vulnerable: "proved", fixed: "silent" },
};
const CONTROL: Case = {
  ...LEAK,
  id: "some-control",
  class: "control",
  expect: { vulnerable: "passed", fixed: "passed" },
};

function finding(kind: Finding["kind"], name: string, seenAtMs: number): Finding {
  return {
    id: "wt-000000",
    check: "1.1",
    kind,
    tier: "proved",
    title: kind,
    occurrences: 1,
    heldIn: [],
    pattern: { name, seed: 1 },
    seenAtMs,
    replay: "",
    fix: { text: "", page: "" },
  };
}

function report(verdict: Report["verdict"], findings: readonly Finding[]): Report {
  const check = {
    id: "1.1",
    title: "",
    verdict,
    reason: "so it is",
    durationMs: 1,
    users: 2,
    events: 4,
    control: { expected: 4, received: 3 },
    patterns: [],
    findings,
  };
  const categories = [{ id: 1, title: "", verdict, checks: [check] }];
  return { verdict, categories, durationMs: 2000, seed: 7 } as unknown as Report;
}

function result(verdict: Report["verdict"], findings: readonly Finding[] = []): SideResult {
  return { id: "", side: "fixed", inputs: "", ...summarize(report(verdict, findings)) };
}

describe("a result", () => {
  test("counts as proof only that a user received another's data, and names the first of them", () => {
    const { proofs, findings, first } = summarize(
      report("failed", [
        finding("loss", "lockstep", 10),
        finding("leak", "overlap", 900),
        finding("outbound-leak", "one after another", 300),
        { ...finding("leak", "equal names", 20), tier: "retained" },
      ]),
    );
    expect(findings).toBe(4);
    expect(proofs).toBe(2);
    expect(first).toMatchObject({
      kind: "outbound-leak",
      pattern: "one after another",
      afterMs: 300,
    });
  });

  test.each([
    ["vulnerable", LEAK, result("failed", [finding("leak", "overlap", 1)]), true],
    ["vulnerable", LEAK, result("failed", [finding("loss", "overlap", 1)]), false],
    ["vulnerable", LEAK, result("passed"), false],
    ["fixed", LEAK, result("passed"), true],
    ["fixed", LEAK, result("inconclusive"), false],
    ["fixed", LEAK, result("failed", [finding("loss", "overlap", 1)]), false],
    ["fixed", REFUSING, result("inconclusive"), true],
    ["fixed", REFUSING, result("failed"), false],
    ["vulnerable", CONTROL, result("passed"), true],
    ["vulnerable", CONTROL, result("failed", [finding("leak", "overlap", 1)]), false],
  ] as const)("is judged by what is expected of its side: %s", (side, target, seen, isExpected) => {
    expect(isAsExpected(target, side, seen)).toBe(isExpected);
  });
});

describe("the total", () => {
  const leaks = result("failed", [finding("leak", "overlap", 1500)]);
  const all: readonly Judged[] = [
    { target: LEAK, side: "vulnerable", result: leaks },
    { target: LEAK, side: "fixed", result: result("passed") },
    { target: CONTROL, side: "vulnerable", result: result("passed") },
    { target: CONTROL, side: "fixed", result: result("passed") },
  ];

  test("is good if everything is as expected", () => {
    expect(conclude(all)).toEqual({
      text: "vulnerable 1 of 1 proved, fixed 1 of 1 without a finding, controls 2 of 2 silent",
      isGood: true,
    });
  });

  test.each([0, 1, 2, 3])("is not if number %i can't be made, or is the opposite", (place) => {
    const opposite = place === 0 ? result("passed") : leaks;
    for (const wrong of [undefined, opposite]) {
      const spoiled = all.map((one, other) => (other === place ? { ...one, result: wrong } : one));
      expect(conclude(spoiled).isGood).toBe(false);
    }
    expect(conclude([]).isGood).toBe(false);
  });

  test("and the document says what was seen, and what was not", () => {
    const text = document(all);
    expect(text).toMatch(/some-leak.* overlap \(1\.1\) \| 1\.5 +\| passed/);
    const unproved = all.map((one) => ({ ...one, result: result("passed") }));
    expect(document(unproved)).toMatch(/some-leak.* not proved/);
  });
});

test("docs/corpus.md has a row for each case", async () => {
  const text = await readFile(join(CORPUS, "..", "docs", "corpus.md"), "utf8");
  const rows = [...text.matchAll(/^\| \[([\w-]+)\]/gm)].map(([, id = ""]) => id);
  expect(rows.toSorted()).toEqual(CASES.map(({ id }) => id).toSorted());
});
