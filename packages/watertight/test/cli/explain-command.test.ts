import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCommand } from "../../src/cli/arguments.ts";
import { explain } from "../../src/cli/explain-command.ts";
import { KIND_DETAILS } from "../../src/cli/kind-details.ts";
import { renderJson } from "../../src/reporters/json.ts";
import { KINDS } from "../../src/reporters/kinds.ts";
import { singleLeakReport } from "../reporters/sample-report.ts";

const FINDINGS = new URL("../../../../docs/findings.md", import.meta.url);

describe("watertight explain", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "watertight-explain-"));
    await writeFile(join(folder, "a.json"), renderJson(singleLeakReport()));
    await writeFile(join(folder, "b.json"), '{ "version": 1 }');
  });
  afterAll(() => rm(folder, { recursive: true }));

  function tell(subject: string, report: string): Promise<string> {
    return explain({ subject, report }, { folder, color: false, width: 1000 });
  }

  it("tells a finding in full, what it means and what to do", async () => {
    const [finding] = singleLeakReport().categories.flatMap(({ checks }) =>
      checks.flatMap(({ findings }) => findings),
    );
    if (finding === undefined) throw new Error("Expected a finding");
    const told = await tell(finding.id, "a.json");

    const { title, frame, heldIn, replay } = finding;
    const parts = [title, frame?.excerpt, heldIn[0]?.variable, replay, KIND_DETAILS.leak.why];
    for (const part of [...parts, KINDS.leak.help]) expect(told).toContain(part);
  });

  it("tells a kind without a report", async () => {
    expect(await tell("retained", "nowhere.json")).toContain(KINDS.retained.what);
  });

  it("names what there is when it can't find a finding", async () => {
    await expect(tell("wt-000000", "a.json")).rejects.toThrow(
      /got|the id of a finding in a\.json, which has wt-\w{6} \(leak\)/,
    );
  });

  it.each([
    ["nowhere.json", "ENOENT"],
    ["b.json", "something else"],
  ])("wants a report: %s", async (report, problem) => {
    await expect(tell("wt-000000", report)).rejects.toThrow(problem);
  });
});

it("is read from the command line", () => {
  expect(readCommand(["explain", "leak", "--report", "r.json"])).toEqual({
    name: "explain",
    arguments: { subject: "leak", report: "r.json" },
  });
  expect(() => readCommand(["explain"])).toThrow("one kind or id of a finding after explain");
  expect(() => readCommand(["explain", "leak", "--seed", "1"])).toThrow("--seed with");
});

it("explains each kind in the words of docs/findings.md", async () => {
  const text = await readFile(FINDINGS, "utf8");
  const [, kinds = ""] = text.split("## Kinds of findings");
  const sections = kinds.split(/^## /m)[0]?.split(/^### /m).slice(1) ?? [];
  const plain = (words: string): string =>
    words.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/\s+/g, " ");
  const told = sections.map((section): [string, unknown] => {
    const [kind = "", ...body] = section.split("\n");
    const words = plain(body.join("\n"));
    const details = KIND_DETAILS[kind as keyof typeof KINDS];
    const isSame =
      details !== undefined &&
      words.includes(`What was seen.** ${details.seen} **Why it matters.** ${details.why}`);
    return [kind, isSame];
  });

  expect(told).toEqual(told.map(([kind]) => [kind, true]));
  expect(told.map(([kind]) => kind)).toEqual(Object.keys(KIND_DETAILS));
  expect(told.length).toBeGreaterThan(20);
});
