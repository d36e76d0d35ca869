import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Report } from "watertight";
import { ROOT } from "./watertight-run.ts";

const BIN = join(ROOT, "packages", "watertight", "bin", "watertight.js");
// Inside the repository, so that packages are found as a user's project finds them.
const FOLDER = join(ROOT, ".watertight", "first-config");

/** What a command answered. */
interface Answer {
  readonly exitCode: number | string | null | undefined;
  readonly text: string;
}

/** Runs a command in the project's folder, as its people would. */
function run(...words: readonly string[]): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...words], { cwd: FOLDER }, (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : error.code, text: stdout + stderr }),
    );
  });
}

function useServer(variant: "leaky" | "fixed"): void {
  const server = join(ROOT, "examples", "guides", "express", `server.${variant}.mjs`);
  cpSync(server, join(FOLDER, "server.mjs"));
}

beforeAll(() => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const manifest = { dependencies: { express: "5" }, scripts: { start: "node server.mjs" } };
  writeFileSync(join(FOLDER, "package.json"), JSON.stringify(manifest));
});
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

it("writes a config that passes as it is where nothing leaks, and finds a leak that is explained", async () => {
  useServer("fixed");
  const first = await run("init");
  expect(first.exitCode, first.text).toBe(0);
  expect(first.text).toContain("GET /account");
  const passed = await run("check", "--users", "4", "--only", "1.1");
  expect(passed.exitCode, passed.text).toBe(0);

  useServer("leaky");
  const failed = await run("check", "--users", "4", "--only", "1.1");
  expect(failed.exitCode, failed.text).toBe(1);
  const path = join(FOLDER, ".watertight", "report.json");
  const report = JSON.parse(readFileSync(path, "utf8")) as Report;
  const [finding] = report.categories[0]?.checks[0]?.findings ?? [];
  const explained = await run("explain", finding?.id ?? "");
  expect(explained.exitCode, explained.text).toBe(0);
  const words = explained.text.replaceAll(/\s+/g, " ");
  const parts = [finding?.title ?? "a title", "--only 1.1", "It is the thing itself"];
  for (const part of parts) expect(words).toContain(part);
});

it("does not write over a config, and says so with exit code 2", async () => {
  const again = await run("init");

  expect(again.exitCode, again.text).toBe(2);
  expect(again.text).toContain("--force replaces it");
});
