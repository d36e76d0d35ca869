import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type BuildOptions } from "esbuild";
import type { Holder } from "watertight";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Finished, ROOT, WatertightRun } from "./watertight-run.ts";

const require = createRequire(import.meta.url);
const TSX = require.resolve("tsx/cli");
const KINDS = join(ROOT, "integration/targets/kinds");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "watertight-kinds-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function check(target: string, env: NodeJS.ProcessEnv): Promise<Finished> {
  const run = new WatertightRun(["check", target, "--users", "4"], { env });
  const finished = await run.finished;
  expect(run.processes).toEqual([]);
  return finished;
}

function placesIn({ report }: Finished): readonly Holder[] {
  const findings = report.categories.flatMap(({ checks }) => checks.flatMap((c) => c.findings));
  return findings.find(({ kind }) => kind === "leak")?.heldIn ?? [];
}

/** Bundles the typed server into one file. */
async function bundle(options: BuildOptions & { readonly outfile: string }): Promise<string> {
  const outfile = join(folder, options.outfile);
  const entryPoints = [join(KINDS, "typed.ts")];
  await build({ entryPoints, bundle: true, platform: "node", ...options, outfile });
  return `node "${outfile}"`;
}

describe("a leak is found, and its place named as it was written, in a server of", () => {
  test.each<[string, string, number, () => string | Promise<string>]>([
    ["CommonJS", "common-js/server.js", 4, () => "node common-js/server.js"],
    ["modules", "module.js", 4, () => "node module.js"],
    [
      "TypeScript that tsx compiles, in a process of its own",
      "guest-book.ts",
      9,
      () => `node "${TSX}" typed.ts`,
    ],
    [
      "a bundle with its map beside it",
      "guest-book.ts",
      9,
      () => bundle({ outfile: "bundle.cjs", format: "cjs", sourcemap: true }),
    ],
    [
      "a bundle of modules with its map in it",
      "guest-book.ts",
      9,
      () => bundle({ outfile: "bundle.mjs", format: "esm", sourcemap: "inline" }),
    ],
  ])("%s", async (_, file, line, command) => {
    const finished = await check("integration/targets/kinds", { COMMAND: await command() });

    expect(finished.exitCode, finished.stdout + finished.stderr).toBe(1);
    expect(placesIn(finished)[0]).toMatchObject({
      variable: "mottos",
      file: `integration/targets/kinds/${file}`,
      line,
    });
  });
});

describe("a server with others beside it, all of which print their ports,", () => {
  test("is checked, in fresh processes as well", async () => {
    const { exitCode, stdout, report } = await check("integration/targets/with-others", {});

    expect(exitCode, stdout).toBe(0);
    const checks = report.categories.flatMap((category) => category.checks);
    expect(checks.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual([
      "2.1 passed",
      "5.1 passed",
    ]);
  });

  test("and keeps what is everybody's in one of them is caught", async () => {
    const finished = await check("integration/targets/with-others", { FAULT: "one-note" });

    expect(finished.exitCode, finished.stdout).toBe(1);
    const checks = finished.report.categories.flatMap((category) => category.checks);
    expect(checks.map(({ verdict }) => verdict)).toEqual(["failed", "failed"]);
    expect(checks.every(({ findings }) => findings[0]?.kind === "leak")).toBe(true);
  });
});
