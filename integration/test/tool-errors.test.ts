import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { WatertightRun } from "./watertight-run.ts";

/** The tool could not work: it says what it expected, found and what to do, and leaves nothing behind. */
async function expectRefusal(
  words: readonly string[],
  sentences: readonly (string | RegExp)[],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const run = new WatertightRun(words, { env });
  const { exitCode, stdout, stderr } = await run.finished;

  expect(exitCode, stdout + stderr).toBe(2);
  for (const sentence of sentences) expect(stderr).toMatch(sentence);
  expect(stderr).not.toMatch(/^ {4}at .*dist\/cli/m);
  expect(run.processes).toEqual([]);
}

test("a target that does not exist", () =>
  expectRefusal(
    ["check", "./does-not-exist"],
    [/Expected `\.\/does-not-exist` to be a folder/, /there is nothing at/, /WT_TARGET_NOT_FOUND/],
  ));

test("a folder without a config", () =>
  expectRefusal(["check", "docs"], [/Expected a config file in .*docs/, /--help shows it/]));

test("a config with a typo in a key", () =>
  expectRefusal(
    ["check", "integration/targets/typo"],
    [/Expected `target` to have only the keys/, /got `redy`: did you mean `ready`\?/],
  ));

test("a server that never becomes ready, with what it started", () =>
  expectRefusal(
    ["check", "integration/targets/never-ready"],
    [/to answer http:\S+ within 1500 ms, got ECONNREFUSED/, /PORT/, /warming up/],
  ));

test("a server that ends before it is ready", () =>
  expectRefusal(
    ["check", "integration/targets/exits-early"],
    [/ended with exit code 1 before it was ready/, /the database is not there/],
  ));

test("a server that crashes in the middle", () =>
  expectRefusal(
    ["check", "integration/targets/crashes", "--users", "8"],
    [/to live until the last check, but it ended with exit code 1/, /the fifth frame/],
  ));

test("a port that is already taken", async () => {
  const other = createServer((_request, response) => response.end("somebody else"));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  try {
    await expectRefusal(
      ["check", "integration/targets/port-taken"],
      [/to be free for the target, but another process already answers there/, /Stop that process/],
      { TAKEN_URL: url },
    );
  } finally {
    other.close();
  }
});

test("an option that does not exist, a number that is none, an unknown check", async () => {
  await expectRefusal(["check", "--usres", "5"], [/--usres/, /npx watertight --help/]);
  await expectRefusal(["check", "--users", "many"], [/--users to be a whole number.*got `many`/]);
  await expectRefusal(["check", "--only", "9"], [/--only to name categories or checks.*got `9`/]);
  await expectRefusal(["chekc"], [/one of the commands init, check, explain, soak, got `chekc`/]);
});

test("a report that can't be written is refused before anything is started", async () => {
  const words = ["check", "integration/targets/echo"];
  await expectRefusal([...words, "--html", "docs"], [/--html to name a place/, /WT_USAGE/]);
  await expectRefusal([...words, "--json", "package.json/a"], [/--json to name a place/, /EEXIST/]);
  await expectRefusal([...words, "--json", "/proc/no/such"], [/--json to name a place/, /ENOENT/]);
});
