import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { ROOT } from "./watertight-run.ts";

vi.setConfig({ testTimeout: 300_000 });

/** One of each kind of evidence: bytes, a foreign id, memory. All of them: npm run mutants. */
const SAMPLE = [
  "leak through errors",
  "session of whoever names it",
  "finished runs kept for ever",
];

function mutants(...words: readonly string[]): Promise<{ exitCode: number; stdout: string }> {
  return new Promise((resolve) => {
    const run = join(ROOT, "mutants", "dist", "run.js");
    execFile(process.execPath, [run, ...words], { cwd: ROOT }, (error, stdout) =>
      resolve({ exitCode: typeof error?.code === "number" ? error.code : 0, stdout }),
    );
  });
}

test("a sample of the gallery is killed, each by the check named for it", async () => {
  const { exitCode, stdout } = await mutants("--skip-reference", ...SAMPLE);

  expect(exitCode, stdout).toBe(0);
  expect(stdout).toContain("3 of 3 killed, each by its named check");
});

test("there are more than forty mutants, and a name that is none of them is refused", async () => {
  const { stdout } = await mutants("--list");
  const names = stdout.trim().split("\n");

  expect(names.length).toBeGreaterThanOrEqual(40);
  expect(new Set(names).size).toBe(names.length);
  expect(await mutants("no such mutant")).toMatchObject({ exitCode: 2 });
});
