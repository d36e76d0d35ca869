import { mkdir, mkdtemp, readFile, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { beforeEach, describe, expect, it } from "vitest";
import { readCommand } from "../../src/cli/arguments.ts";
import { finish } from "../../src/cli/finish.ts";
import type { Report } from "../../src/report.ts";
import { comparedReport, knownReport } from "../reporters/changed-report.ts";
import { inconclusiveReport, passedReport, singleLeakReport } from "../reporters/sample-report.ts";

describe("the end of a run", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "watertight-finish-"));
    await mkdir(join(folder, ".watertight"));
  });

  /** Finishes a run of `watertight check …` and answers what came of it. */
  async function end(
    report: Report,
    words: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ) {
    const command = readCommand(["check", ...words]);
    if (command.name !== "check") throw new Error("Expected a check");
    const streams = [new PassThrough(), new PassThrough()] as const;
    const [stdout, stderr] = streams as unknown as [NodeJS.WriteStream, NodeJS.WriteStream];
    const signal = new AbortController().signal;
    const exitCode = await finish({
      report,
      failures: [],
      request: command.arguments,
      line: { stdout, stderr, folder, environment, color: false, signal },
    });
    const [out, error] = streams.map((stream) => String(stream.read() ?? ""));
    return { exitCode, out: out ?? "", error: error ?? "" };
  }

  it.each([
    ["passed", passedReport(), 0],
    ["failed", singleLeakReport(), 1],
    ["inconclusive", inconclusiveReport(), 3],
    ["passed, as all is known", knownReport(), 0],
    ["failed, beside a baseline", comparedReport(), 1],
  ])("is exit code of a run that %s", async (_, report, exitCode) => {
    expect(await end(report)).toMatchObject({ exitCode, error: "" });
    expect((await readdir(join(folder, ".watertight"))).toSorted()).toEqual([
      "report.html",
      "report.json",
    ]);
  });

  it.each([
    ["passed", passedReport(), 2],
    ["failed", singleLeakReport(), 1],
    ["inconclusive", inconclusiveReport(), 3],
  ])("with a report that can't be written, after a run that %s", async (_, report, exitCode) => {
    await mkdir(join(folder, ".watertight/report.html"));
    const ended = await end(report, ["--report", "junit"]);

    expect(ended.exitCode).toBe(exitCode);
    expect(ended.error).toMatch(
      /^watertight: The html report .*report\.html is missing: EISDIR.*\n$/,
    );
    expect(ended.out).toContain("Again:");
    expect(ended.out).not.toContain("Report:");
    expect(await readFile(join(folder, ".watertight/junit.xml"), "utf8")).toContain(
      "</testsuites>",
    );
  });

  it("prints a report on standard output alone, as it is in a file", async () => {
    await end(passedReport(), ["--report", "ctrf"]);
    const { out } = await end(passedReport(), ["--report", "ctrf=-"]);

    expect(out).toBe(await readFile(join(folder, ".watertight/ctrf.json"), "utf8"));
  });

  it("in a GitHub workflow annotates and sums up, and lets nothing else be a command", async () => {
    const summary = join(folder, "summary.md");
    const environment = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary };
    const { out } = await end(singleLeakReport(), [], environment);
    const [, token] = /^::stop-commands::(\S+)\n/.exec(out) ?? [];
    const [text, after] = out.split(`\n::${token}::\n`);

    expect(text).toContain("user-03 received 4 frames");
    expect(after).toMatch(/^::error file=examples\/singleton-backend[^\n]*\n$/);
    expect(await readFile(summary, "utf8")).toContain("## ✖ watertight: failed");
    expect((await end(singleLeakReport())).out).not.toContain("::");
  });

  it("annotates once, if annotations are printed as a report", async () => {
    const environment = { GITHUB_ACTIONS: "true" };
    const { out, error } = await end(singleLeakReport(), ["--report", "github=-"], environment);

    expect((out + error).match(/^::error /gm)).toHaveLength(1);
  });

  it("names what has no other place by the config of the target", async () => {
    await mkdir(join(folder, "app"));
    const report = singleLeakReport();
    const categories = report.categories.map((category) => ({
      ...category,
      checks: category.checks.map((check) => ({
        ...check,
        findings: check.findings.map((finding) => ({ ...finding, heldIn: [] })),
      })),
    }));
    const environment = { GITHUB_ACTIONS: "true" };
    const { out } = await end({ ...report, categories }, ["app/components.ts"], environment);

    expect(out).toContain("::error file=app/components.ts,line=1");
  });
});
