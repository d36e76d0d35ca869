import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readCommand } from "../../src/cli/arguments.ts";

const ROOT = join(import.meta.dirname, "../../../..");

interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

const TEXT = read("action/action.yml");
const ACTION = parse(TEXT, { uniqueKeys: true }) as Action;
const CHECK = ACTION.runs.steps.find(({ id }) => id === "check");

/** Runs the script of the step as the runner does, before an `npx` that notes its words and ends with `code`. */
function runStep(inputs: Readonly<Record<string, string>>, code: number) {
  const folder = mkdtempSync(join(tmpdir(), "watertight-action-"));
  const output = join(folder, "output");
  writeFileSync(output, "");
  writeFileSync(
    join(folder, "npx"),
    `#!/usr/bin/env bash
printf '%s\\0' "$@" > words
mkdir -p .watertight && touch .watertight/report.sarif
exit ${code}
`,
  );
  chmodSync(join(folder, "npx"), 0o755);
  const env: Record<string, string> = {};
  for (const [name, expression] of Object.entries(CHECK?.env ?? {})) {
    const [, input = ""] = /^\$\{\{ inputs\.([a-z-]+) \}\}$/.exec(expression) ?? [];
    env[name] = inputs[input] ?? ACTION.inputs[input]?.default ?? "no such input";
  }
  const { status, stderr } = spawnSync("bash", ["-eo", "pipefail", "-c", CHECK?.run ?? ""], {
    cwd: folder,
    env: { ...env, PATH: `${folder}:${process.env["PATH"] ?? ""}`, GITHUB_OUTPUT: output },
    encoding: "utf8",
  });
  const words = readFileSync(join(folder, "words"), "utf8").split("\0").slice(0, -1);
  return { status, stderr, words, output: readFileSync(output, "utf8") };
}

// Each of them starts a shell, on a machine that may be busy.
describe("the GitHub Action", { timeout: 60_000 }, () => {
  it("is a composite action whose inputs are all used, and no others", () => {
    expect(ACTION.runs.using).toBe("composite");
    const used = [...TEXT.matchAll(/inputs\.([a-z-]+)/g)].map(([, name]) => name);
    expect(new Set(used)).toEqual(new Set(Object.keys(ACTION.inputs)));
    for (const step of ACTION.runs.steps.filter(({ run }) => run !== undefined)) {
      expect(step.shell).toBe("bash");
      expect(step.run).not.toContain("${{");
    }
  });

  it("refers to outputs of its step that the step writes", () => {
    const referred = [...TEXT.matchAll(/steps\.check\.outputs\.([a-z-]+)/g)].map(
      ([, name]) => name,
    );
    for (const name of referred) expect(CHECK?.run).toContain(`echo "${name}=`);
    expect(referred.length).toBeGreaterThan(3);
  });

  it("gives words that the command line takes, and leaves out what was not said", () => {
    const { words } = runStep({}, 0);
    expect(words.slice(0, 2)).toEqual(["--no-install", "watertight"]);
    expect(readCommand(words.slice(2))).toMatchObject({
      name: "check",
      arguments: { target: ".", users: undefined, only: [], baseline: undefined },
    });
  });

  it("passes what was said as it is, and runs none of it", () => {
    const target = "my app; touch $(echo owned) `touch b` \"'";
    const inputs = { target, users: "20", only: "1,2.2", baseline: "base line.json" };
    const { words, status } = runStep(inputs, 0);

    expect(status).toBe(0);
    expect(readCommand(words.slice(2))).toMatchObject({
      arguments: { target, users: 20, only: ["1", "2.2"], baseline: "base line.json" },
    });
  });

  it.each([0, 1, 2, 3])(
    "ends with %i as the command does, after it has said where the report is",
    (code) => {
      const { status, output } = runStep({}, code);
      expect(status).toBe(code);
      expect(output).toBe(`exit-code=${code}\nsarif=./.watertight/report.sarif\n`);
    },
  );

  it("uploads also what failed", () => {
    const uploads = ACTION.runs.steps.filter(({ uses }) => uses?.includes("upload") === true);
    expect(uploads).toHaveLength(2);
    for (const upload of uploads) expect(upload.if).toMatch(/^always\(\) && /);
  });
});

describe("docs/ci.md", () => {
  const examples = [...read("docs/ci.md").matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(
    ([, yaml = ""]) => yaml,
  );

  it("has examples that can be parsed, and use inputs that exist", () => {
    expect(examples.length).toBeGreaterThan(1);
    for (const example of examples) expect(() => parse(example), example).not.toThrow();
    const steps = examples.flatMap((yaml) => {
      const jobs = Object.values((parse(yaml) as { jobs?: object }).jobs ?? {});
      return jobs.flatMap((job) => (job as { steps: Step[] }).steps);
    });
    const ours = steps.filter(({ uses }) => uses?.endsWith("/watertight") === true);
    expect(ours.length).toBeGreaterThan(0);
    for (const name of ours.flatMap((step) => Object.keys(step.with ?? {}))) {
      expect(Object.keys(ACTION.inputs)).toContain(name);
    }
  });

  it("shows commands that the command line takes", () => {
    const commands = [...read("docs/ci.md").matchAll(/npx watertight (check[^\n`|]*)/g)];
    expect(commands.length).toBeGreaterThan(2);
    for (const [, words = ""] of commands) {
      expect(readCommand(words.trim().split(/ +/)).name, words).toBe("check");
    }
  });
});
