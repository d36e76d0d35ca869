import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { delayEnvironment, Delayer } from "../../src/target/delays/delayer.ts";
import { instrument } from "../../src/target/delays/instrument.ts";

vi.setConfig({ testTimeout: 60_000 });

// What is loaded into a target is what was built.
const PRELOAD = new URL("../../dist/target/probe/preload.js", import.meta.url).href;
const SETTINGS = { probability: 0.5, maxMs: 12 };
const SEEDS = Array.from({ length: 6 }, (_, seed) => seed);

async function run(fixture: string, seed?: number): Promise<string> {
  const file = fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url));
  const delays = seed === undefined ? {} : delayEnvironment({ ...SETTINGS, seed });
  const env = { ...process.env, ...delays, NODE_OPTIONS: "" };
  const { stdout } = await promisify(execFile)(process.execPath, [`--import=${PRELOAD}`, file], {
    env,
  });
  return stdout;
}

async function oversold(fixture: string, seeds: readonly number[]): Promise<number> {
  let count = 0;
  for (const seed of seeds) if ((await run(fixture, seed)) === "oversold") count += 1;
  return count;
}

describe("the delays of a process", () => {
  it("depend on seed, place and visit alone, not on what happens elsewhere", () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.constantFrom("a", "b", "c")), (seed, others) => {
        const alone = new Delayer({ ...SETTINGS, seed });
        const among = new Delayer({ ...SETTINGS, seed });
        for (const place of others) among.pause(place);
        expect([1, 2, 3].map(() => among.pause("mine"))).toEqual(
          [1, 2, 3].map(() => alone.pause("mine")),
        );
      }),
    );
  });

  it("are as likely and as long as they should be", () => {
    const delayer = new Delayer({ ...SETTINGS, seed: 7 });
    const pauses = Array.from({ length: 2000 }, () => delayer.pause("place"));
    const waits = pauses.filter((ms) => ms > 0);
    expect(waits.length).toBeGreaterThan(900);
    expect(waits.length).toBeLessThan(1100);
    expect(Math.max(...waits)).toBeLessThanOrEqual(12);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1);
  });

  it("show an oversale that the machine does not show by itself, at calls of Node", async () => {
    expect(await run("oversell.mjs")).toBe("sold");
    expect(await oversold("oversell.mjs", SEEDS)).toBeGreaterThan(1);
  });

  it("show it at awaits, in CommonJS", async () => {
    expect(await run("oversell.cjs")).toBe("sold");
    expect(await oversold("oversell.cjs", SEEDS)).toBeGreaterThan(1);
  });

  it("show nothing in code that is correct", async () => {
    expect(await oversold("correct.mjs", SEEDS)).toBe(0);
  });
});

describe("an instrumented module", () => {
  it("waits at every await, and keeps its lines", () => {
    const text = "const f = async () =>\n  g(await h(await x), await (1, 2));\nawait f();\n";
    const code = instrument("/a.mjs", text);
    expect(code.match(/__watertightAwait/g)).toHaveLength(4);
    expect(
      code
        .split("\n")
        .slice(0, 3)
        .map((line) => line.trimStart().slice(0, 4)),
    ).toEqual(["cons", "g(aw", "awai"]);
    expect(code).toContain('__watertightFile?.("/a.mjs", true)');
  });

  it("that can't be read stays as it is, and says so", () => {
    const text = "await ][;";
    const code = instrument("/a.mjs", text);
    expect(code.startsWith(text)).toBe(true);
    expect(code).toContain('__watertightFile?.("/a.mjs", false)');
  });
});
