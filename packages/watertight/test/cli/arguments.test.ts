import { describe, expect, it } from "vitest";
import { readCommand } from "../../src/cli/arguments.ts";

describe("the command line", () => {
  it("checks the folder you are in with nothing said", () => {
    expect(readCommand(["check"])).toEqual({
      name: "check",
      arguments: {
        target: ".",
        users: undefined,
        only: [],
        seed: undefined,
        json: undefined,
        html: undefined,
        out: ".watertight",
      },
    });
  });

  it("reads every option", () => {
    const words = "check app --users 9 --only 1,2.2 --seed 7 --json a --html b --out c".split(" ");

    expect(readCommand(words)).toMatchObject({
      arguments: {
        target: "app",
        users: 9,
        only: ["1", "2.2"],
        seed: 7,
        json: "a",
        html: "b",
        out: "c",
      },
    });
  });

  it.each([[[]], [["--help"]], [["check", "-h"]], [["help"]]])("%j teaches", (words) => {
    expect(readCommand(words).name).toBe("help");
  });

  it.each([
    [["chek"], "the command `check`, got `chek`"],
    [["check", "a", "b"], "one target, got 2"],
    [["check", "--users", "1"], "--users to be a whole number from 2 to 10000, got `1`"],
    [["check", "--seed", "x"], "--seed to be a whole number"],
    [["check", "--user", "5"], "known options"],
    [["check", "--json", "-", "--html", "-"], "one report on standard output"],
  ])("%j is refused with what was expected", (words, message) => {
    expect(() => readCommand(words)).toThrow(message);
  });
});
