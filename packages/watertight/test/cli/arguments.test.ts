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
        out: ".watertight",
        reports: [],
        baseline: undefined,
        updateBaseline: false,
        strictBaseline: false,
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
        out: "c",
        reports: [
          { option: "--json", format: "json", file: "a" },
          { option: "--html", format: "html", file: "b" },
        ],
      },
    });
  });

  it("reads where a server is that runs already, for both commands", () => {
    const url = "https://127.0.0.1:3000";

    expect(readCommand(["check", "--url", url])).toMatchObject({ arguments: { url, target: "." } });
    expect(readCommand(["soak", "app", "--url", url])).toMatchObject({ arguments: { url } });
  });

  it("reads reports as often as they are asked for, and where they go", () => {
    const words = "check --report junit --report sarif=a=b.sarif --report ctrf=- --metrics-file m";

    expect(readCommand(words.split(" "))).toMatchObject({
      arguments: {
        reports: [
          { option: "--metrics-file", format: "prometheus", file: "m" },
          { option: "--report junit", format: "junit", file: undefined },
          { option: "--report sarif", format: "sarif", file: "a=b.sarif" },
          { option: "--report ctrf", format: "ctrf", file: "-" },
        ],
      },
    });
  });

  it("reads a baseline and what is to be done with it", () => {
    const words = "check --baseline b.json --update-baseline --strict-baseline".split(" ");

    expect(readCommand(words)).toMatchObject({
      arguments: { baseline: "b.json", updateBaseline: true, strictBaseline: true },
    });
  });

  it.each([[[]], [["--help"]], [["check", "-h"]], [["help"]]])("%j teaches", (words) => {
    expect(readCommand(words).name).toBe("help");
  });

  it.each([
    [["chek"], "one of the commands init, check, explain, soak, got `chek`"],
    [["check", "a", "b"], "one target, got 2"],
    [["check", "--users", "1"], "--users to be a whole number from 2 to 10000, got `1`"],
    [["check", "--seed", "x"], "--seed to be a whole number"],
    [["check", "--user", "5"], "known options"],
    [["check", "--url", "127.0.0.1:3000"], "--url to be an address such as http://127.0.0.1:3000"],
    [["check", "--url", "ws://127.0.0.1"], "got `ws://127.0.0.1`"],
    [["check", "--json", "-", "--html", "-"], "one report on standard output, got json and html"],
    [["check", "--json", "-", "--report", "ctrf=-"], "one report on standard output"],
    [["check", "--report", "pdf"], "--report to name one of json, html, junit, sarif"],
    [["check", "--report", "toString"], "got `toString`"],
    [["check", "--report", "junit="], "a file after --report junit="],
    [["check", "--update-baseline"], "--baseline FILE beside --update-baseline"],
    [["check", "--strict-baseline"], "--baseline FILE beside --strict-baseline"],
    [["check", "--baseline", ""], "a file after --baseline"],
  ])("%j is refused with what was expected", (words, message) => {
    expect(() => readCommand(words)).toThrow(message);
  });
});
