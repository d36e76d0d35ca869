import { mkdir, mkdtemp, readFile, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { writeReports } from "../../src/cli/deliver.ts";
import { isGithubAction, repositoryPrefix, tellGithub } from "../../src/cli/github-actions.ts";
import type { ReportFile } from "../../src/cli/report-files.ts";
import { FORMATS, type ReportFormat } from "../../src/cli/report-formats.ts";
import { passedReport, singleLeakReport } from "../reporters/sample-report.ts";

const PLACES = { prefix: "", configFile: "watertight.config.ts" };

describe("reports are written each on its own", () => {
  let folder = "";
  let printed = "";
  const options = { ...PLACES, print: (text: string): void => void (printed += text) };
  const everyFile = (): ReportFile[] =>
    (Object.keys(FORMATS) as ReportFormat[]).map((format) => ({
      option: "--report",
      format,
      path: join(folder, FORMATS[format].fileName),
    }));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "watertight-deliver-"));
    printed = "";
  });

  it("all eight of them", async () => {
    expect(await writeReports(singleLeakReport(), everyFile(), options)).toEqual([]);
    expect((await readdir(folder)).toSorted()).toEqual(
      everyFile()
        .map(({ format }) => FORMATS[format].fileName)
        .toSorted(),
    );
  });

  it("one that throws loses no other", async () => {
    // Only HTML and JSON read the matrix.
    const report = Object.defineProperty(passedReport(), "matrix", {
      enumerable: true,
      get: () => {
        throw new Error("the matrix\n  is gone");
      },
    });

    expect(await writeReports(report, everyFile(), options)).toEqual([
      `The json report ${join(folder, "report.json")} is missing: the matrix is gone`,
      `The html report ${join(folder, "report.html")} is missing: the matrix is gone`,
    ]);
    expect(await readdir(folder)).toHaveLength(6);
  });

  it("one whose place has been taken meanwhile loses no other", async () => {
    await mkdir(join(folder, "report.sarif"));
    const [failure, ...others] = await writeReports(passedReport(), everyFile(), options);

    expect(failure).toMatch(/^The sarif report .*report\.sarif is missing: EISDIR/);
    expect(others).toEqual([]);
    expect(await readFile(join(folder, "ctrf.json"), "utf8")).toContain("CTRF");
  });

  it("prints the one for standard output", async () => {
    await writeReports(passedReport(), [{ option: "", format: "ctrf", path: "-" }], options);
    expect(printed).toBe(FORMATS.ctrf.render(passedReport(), PLACES));
  });

  it("in a GitHub workflow annotations come even if the summary can't be written", async () => {
    const summary = join(folder, "summary");
    const environment = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary };
    expect(await tellGithub(singleLeakReport(), environment, options)).toEqual([]);
    expect(await tellGithub(singleLeakReport(), environment, options)).toEqual([]);
    expect((await readFile(summary, "utf8")).match(/^## ✖ watertight: failed$/gm)).toHaveLength(2);

    printed = "";
    const nowhere = { ...environment, GITHUB_STEP_SUMMARY: folder };
    expect(await tellGithub(singleLeakReport(), nowhere, options)).toEqual([
      expect.stringMatching(/^The summary of the step is missing: EISDIR/),
    ]);
    expect(printed).toMatch(/^::error file=/);
  });
});

describe("the root of the repository", () => {
  it.each([
    [{}, "/repo/app", ""],
    [{ GITHUB_WORKSPACE: "/repo" }, "/repo", ""],
    [{ GITHUB_WORKSPACE: "/repo" }, "/repo/apps/chat", "apps/chat"],
    [{ GITHUB_WORKSPACE: "/repo" }, "/elsewhere", ""],
  ])("from %j to %s is %j", (environment, folder, prefix) => {
    expect(repositoryPrefix(environment, folder)).toBe(prefix);
  });

  it("is GitHub's only if it says so", () => {
    expect(isGithubAction({ GITHUB_ACTIONS: "true" })).toBe(true);
    expect(isGithubAction({ CI: "true" })).toBe(false);
  });
});
