import { describe, expect, it } from "vitest";
import { readCommand } from "../../src/cli/arguments.ts";
import { formatDuration } from "../../src/cli/duration.ts";

function read(...words: readonly string[]) {
  const command = readCommand(["soak", ...words]);
  if (command.name !== "soak") throw new Error("Expected a soak");
  return command.arguments;
}

function refusal(...words: readonly string[]): string {
  try {
    readCommand(words);
  } catch (error) {
    expect(error).toMatchObject({ code: "WT_USAGE" });
    return (error as Error).message;
  }
  throw new Error(`Expected ${words.join(" ")} to be refused`);
}

describe("the command line of a soak", () => {
  it("soaks the folder you are in for an hour with nothing said", () => {
    expect(read()).toEqual({
      target: ".",
      users: undefined,
      seed: undefined,
      forMs: 3_600_000,
      windowMs: 60_000,
      metricsPort: undefined,
      out: ".watertight",
      reports: [],
      baseline: undefined,
      updateBaseline: false,
      strictBaseline: false,
    });
  });

  it("reads every option", () => {
    const words = "app --for 8s --window 2s --users 9 --seed 7 --metrics-port 9464 --report junit";

    expect(read(...words.split(" "), "--metrics-file", "m", "--baseline", "b")).toMatchObject({
      target: "app",
      forMs: 8000,
      windowMs: 2000,
      users: 9,
      seed: 7,
      metricsPort: 9464,
      baseline: "b",
      reports: [{ format: "prometheus", file: "m" }, { format: "junit" }],
    });
  });

  it.each([
    ["4s", 1000],
    ["30s", 5000],
    ["10m", 10_000],
    ["1h", 60_000],
    ["8h", 60_000],
    ["2d", 360_000],
    ["90d", 16_200_000],
  ])("of %s has a window that fits, if none is named", (text, windowMs) => {
    expect(read("--for", text).windowMs).toBe(windowMs);
  });

  it.each(["", "1", "1.5h", "-1h", "1w", "1 h", "0s", "3s", "91d", "h", "9999999999s", "1h30m"])(
    "refuses `%s` as a time",
    (text) => {
      expect(refusal("soak", `--for=${text}`)).toContain(
        `Expected --for to be a duration from 4s to 90d, such as 30s, 10m, 1h or 2d, got \`${text}\``,
      );
    },
  );

  it("refuses a window that is too long, and says how long it may be", () => {
    expect(refusal("soak", "--for", "10m", "--window", "151s")).toContain(
      "at most a quarter of --for, which is 150s, got `151s`",
    );
    expect(read("--for", "10m", "--window", "150s").windowMs).toBe(150_000);
  });

  it.each([
    [["check", "--for", "1h"], "--for with `watertight soak` only"],
    [["check", "--window", "1s"], "--window with `watertight soak` only"],
    [["check", "--metrics-port", "1"], "--metrics-port with `watertight soak` only"],
    [["soak", "--only", "7"], "--only with `watertight check` only"],
    [["soak", "--metrics-port", "65536"], "a whole number from 0 to 65535, got `65536`"],
    [["soak", "--metrics-port", ""], "a whole number from 0 to 65535, got ``"],
    [["soap"], "one of the commands init, check, explain, soak, got `soap`"],
  ])("refuses %j", (words, text) => {
    expect(refusal(...words)).toContain(text);
  });

  it("knows its own help", () => {
    expect(readCommand(["soak", "--help"])).toEqual({ name: "help", topic: "soak" });
    expect(readCommand(["help", "soak"])).toEqual({ name: "help", topic: "soak" });
  });
});

describe("a duration", () => {
  it.each([
    [1000, "1s"],
    [90_000, "90s"],
    [120_000, "2m"],
    [3_600_000, "1h"],
    [172_800_000, "2d"],
    [1400, "1s"],
  ])("of %i ms is written as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
