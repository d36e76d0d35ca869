import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const GUIDE = readFileSync(join(ROOT, "docs", "client.md"), "utf8");
const INCIDENTS = readFileSync(join(ROOT, "packages/runtime/src/client/incident.ts"), "utf8");

function config(): object {
  return {
    extends: join(ROOT, "tsconfig.base.json"),
    include: ["."],
    compilerOptions: {
      composite: false,
      noEmit: true,
      isolatedDeclarations: false,
      allowImportingTsExtensions: true,
      rewriteRelativeImportExtensions: false,
      lib: ["es2023", "esnext.disposable", "dom"],
      typeRoots: [join(ROOT, "node_modules/@types")],
      paths: {
        "@watertight/runtime/client": [join(ROOT, "packages/runtime/src/client/index.ts")],
      },
    },
  };
}

async function compile(snippets: readonly string[]): Promise<string> {
  // Inside the repository, so that packages are found as a user's project finds them.
  mkdirSync(join(ROOT, ".watertight"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, ".watertight", "client-guide-"));
  try {
    snippets.forEach((code, place) => writeFileSync(join(folder, `snippet-${place}.ts`), code));
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config()));
    const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    const running = promisify(execFile)(process.execPath, [compiler, "-p", folder]);
    const { stdout } = await running.catch((error: { stdout: string }) => error);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("the guide of the client", () => {
  const snippets = [...GUIDE.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? "");

  it("has a snippet for browsers and one for Node, which compile as they stand", async () => {
    expect(snippets).toHaveLength(2);
    expect(await compile(snippets)).toBe("");
  }, 30_000);

  it("would be noticed if they did not", async () => {
    const broken = snippets.map((code) => code.replaceAll("threadId:", "thread:"));
    expect(await compile(broken)).toMatch(/snippet-0[\s\S]*snippet-1/);
  }, 30_000);

  it("has a row for each kind of incident, and no other", () => {
    const rows = [...GUIDE.matchAll(/^\| `([a-z-]+)` +\|.*\| (?:yes|no) +\|/gm)].map(
      ([, kind]) => kind,
    );
    const kinds = [...INCIDENTS.matchAll(/^ {2}\| "([a-z-]+)"/gm)].map(([, kind]) => kind);

    expect(kinds.length).toBeGreaterThan(5);
    expect(new Set(rows)).toEqual(new Set(kinds));
    expect(rows).toHaveLength(kinds.length);
  });
});
