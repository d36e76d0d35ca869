import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createContainer } from "../../src/scope/container.ts";
import { injectable } from "../../src/scope/decorators.ts";
import type * as Fixture from "./fixtures/decorated.ts";
import { createApp, openUser, thrownBy, type Untyped } from "./scope-trees.ts";

type Decorated = typeof Fixture;

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, "../../../..");
const SOURCE = join(HERE, "fixtures/decorated.ts");

// Inside the repository, so that packages are found as a user's project finds them.
let folder = "";
beforeAll(async () => {
  await mkdir(join(ROOT, ".watertight"), { recursive: true });
  folder = await mkdtemp(join(ROOT, ".watertight", "scopes-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function compile(...options: string[]): Promise<{ readonly stdout: string }> {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  return promisify(execFile)(process.execPath, [tsc, ...options]).catch(
    (error: unknown) => error as { readonly stdout: string },
  );
}

async function configure(name: string, more: object): Promise<string> {
  const path = join(folder, name);
  const { compilerOptions, ...rest } = more as { readonly compilerOptions: object };
  const options = { composite: false, isolatedDeclarations: false, ...compilerOptions };
  const config = { extends: "../../tsconfig.base.json", ...rest, compilerOptions: options };
  await writeFile(path, JSON.stringify(config));
  return path;
}

async function load(path: string): Promise<Decorated> {
  return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Decorated;
}

async function compiledByEsbuild(): Promise<Decorated> {
  const outfile = join(folder, "esbuild/decorated.mjs");
  await build({
    entryPoints: [SOURCE],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
  });
  return load(outfile);
}

async function compiledByTsc(): Promise<Decorated> {
  const outDir = join(folder, "tsc");
  await mkdir(outDir);
  await writeFile(join(outDir, "package.json"), '{ "type": "module" }');
  const rootDir = join(HERE, "../..");
  const options = { outDir, rootDir, declaration: false, declarationMap: false };
  const config = await configure("tsc.json", { files: [SOURCE], compilerOptions: options });
  expect(await compile("-p", config)).toMatchObject({ stdout: "" });
  return load(join(outDir, "test/scope/fixtures/decorated.js"));
}

describe.each([
  ["tsc", compiledByTsc],
  ["esbuild", compiledByEsbuild],
])("decorated classes, compiled by %s,", (_, compileFixture) => {
  let decorated: Decorated;
  beforeAll(async () => (decorated = await compileFixture()), 60_000);

  it("are made once for the process, for a user, and for a run", async () => {
    const [first, second, other] = decorated.open();

    expect(first?.budget).toBeInstanceOf(decorated.Budget);
    expect(first?.budget).not.toBe(second?.budget);
    expect(first?.cart).toBe(second?.cart);
    expect(first?.cart).not.toBe(other?.cart);
    expect(first?.cart.clock).toBe(other?.cart.clock);
    expect(first?.budget.cart).toBe(first?.cart);
    expect(other?.budget.greeting).toBe("Hello bob");
    expect([first, second].map((opened) => opened?.budget.request.runId)).toEqual(["1", "2"]);

    await second?.scope.dispose();
    expect(decorated.disposals).toEqual(["2"]);
  });

  it.each([
    ["an app class that needs a user's", "WT_PROVIDER_CAPTIVE", ": app:Mailer → user:Cart."],
    ["a user's class that needs the request", "WT_PROVIDER_CAPTIVE", "→ run:RequestContext."],
    [
      "an app class that needs a user's by name",
      "WT_PROVIDER_CAPTIVE",
      ": app:mailer → user:cart.",
    ],
    ["a class that needs a class that isn't decorated", "WT_PROVIDER_UNKNOWN", "Plain"],
    ["a class that is added before what it needs", "WT_PROVIDER_UNKNOWN", "`Clock`"],
    ["a class with another lifetime than it is added for", "WT_OPTION_INVALID", "`user`"],
    ["a class that isn't decorated", "WT_OPTION_INVALID", "decorated"],
    ["a class that only inherits from one that is decorated", "WT_OPTION_INVALID", "decorated"],
    ["two decorators", "WT_OPTION_INVALID", "Page"],
  ])("refuse %s before there is any user", (what, code, text) => {
    expect(decorated.refused[what]).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(text) as unknown }),
    );
  });

  it("are all refused that ought to be", () => {
    expect(Object.keys(decorated.refused)).toHaveLength(9);
  });

  it("carry what they say of themselves, and nobody can change it", () => {
    const symbols = Object.getOwnPropertySymbols(decorated.Cart);
    expect(symbols.map(String)).toContain("Symbol(watertight.injection)");
    for (const symbol of symbols.filter((own) => String(own).includes("injection"))) {
      const property = Object.getOwnPropertyDescriptor(decorated.Cart, symbol);
      const injection = property?.value as { readonly needs: readonly unknown[] };
      expect(property).toMatchObject({ writable: false, configurable: false });
      expect(Object.isFrozen(injection)).toBe(true);
      expect(Object.isFrozen(injection.needs)).toBe(true);
    }
  });
});

describe("a decorator", () => {
  it("says so if it is used as the old kind of decorator, or not on a class", () => {
    const decorate = injectable() as unknown as (...args: unknown[]) => void;
    const invalid = expect.objectContaining({ code: "WT_OPTION_INVALID" });

    expect(() => decorate(class Clock {})).toThrow(invalid);
    expect(() => decorate(class Clock {})).toThrow("experimentalDecorators");
    expect(() => decorate(() => {}, { kind: "method", addInitializer: () => {} })).toThrow(invalid);
  });
});

describe("the guide to scopes", () => {
  it("shows the error as it is", async () => {
    const untyped = (dependencies: object) => (dependencies as Untyped)["cart"];
    const container = createContainer()
      .add("user", "cart", ({ user }) => ({ owner: user.userId }))
      .add("app", "mailer", untyped)
      .add("run", "report", ({ mailer }) => mailer);
    const { run } = openUser(createApp(container), "alice");
    const error = thrownBy(() => container.in(run).report) as Error;

    expect(await readFile(join(ROOT, "docs/scopes.md"), "utf8")).toContain(error.message);
  });

  it("has examples that compile as they stand", async () => {
    const guide = await readFile(join(ROOT, "docs/scopes.md"), "utf8");
    const examples = [...guide.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code ?? "");
    expect(examples.length).toBeGreaterThan(2);
    const place = join(folder, "guide");
    await mkdir(place);
    await Promise.all(
      [...examples.entries()].map(([index, code]) =>
        writeFile(join(place, `example-${index}.ts`), code),
      ),
    );
    const paths = { "@watertight/runtime": [join(HERE, "fixtures/door.ts")] };
    const options = { noEmit: true, paths };
    const config = await configure("guide.json", { include: [place], compilerOptions: options });

    expect(await compile("-p", config)).toMatchObject({ stdout: "" });
  }, 60_000);
});
