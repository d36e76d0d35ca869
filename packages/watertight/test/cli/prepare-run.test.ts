import { existsSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { readCommand } from "../../src/cli/arguments.ts";
import { type EndRun, prepareRun } from "../../src/cli/prepare-run.ts";
import { singleLeakReport } from "../reporters/sample-report.ts";

async function prepare(folder: string): Promise<EndRun> {
  const words = ["check", "--baseline", "known.json", "--update-baseline"];
  const command = readCommand(words);
  if (command.name !== "check") throw new Error("Expected a check");
  const [stdout, stderr] = [new PassThrough(), new PassThrough()] as unknown as [
    NodeJS.WriteStream,
    NodeJS.WriteStream,
  ];
  const { signal } = new AbortController();
  const line = { stdout, stderr, folder, environment: {}, color: false, signal };
  return prepareRun(command.arguments, line);
}

it("a baseline learns from a run that came to its end, and not from one that broke off", async () => {
  const folder = await mkdtemp(join(tmpdir(), "watertight-prepare-"));
  const end = await prepare(folder);
  const report = singleLeakReport();

  expect(await end(report, { isWhole: false })).toBe(1);
  expect(existsSync(join(folder, "known.json"))).toBe(false);
  expect(existsSync(join(folder, ".watertight/report.json"))).toBe(true);

  expect(await end(report)).toBe(0);
  const known = JSON.parse(await readFile(join(folder, "known.json"), "utf8")) as {
    readonly findings: readonly unknown[];
  };
  expect(known.findings).toHaveLength(1);
});
