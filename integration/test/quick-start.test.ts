import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { ROOT } from "./watertight-run.ts";

// Inside the repository, so that both packages are found as a user's project finds them.
const FOLDER = join(ROOT, ".watertight", "quick-start");
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

/** The TypeScript that a stranger copies from the README. */
function snippets(): string[] {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  return [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? "");
}

test("every quick start of the README compiles as it stands", async () => {
  const codes = snippets();
  expect(codes).toHaveLength(2);
  mkdirSync(FOLDER, { recursive: true });
  codes.forEach((code, place) => {
    // What the reader brings along.
    const given = code.includes("tokenFor")
      ? "declare function tokenFor(id: string): string;\n"
      : "";
    writeFileSync(join(FOLDER, `snippet-${place}.ts`), given + code);
  });
  const config = { extends: "../../tsconfig.base.json", include: ["."], compilerOptions: OPTIONS };
  writeFileSync(join(FOLDER, "tsconfig.json"), JSON.stringify(config));

  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const compiled = promisify(execFile)(process.execPath, [compiler, "-p", FOLDER]);
  await expect(compiled).resolves.toMatchObject({ stdout: "" });
});

const OPTIONS = { composite: false, noEmit: true, isolatedDeclarations: false };
