import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Finding } from "watertight";
import { type Finished, ROOT, WatertightRun } from "./watertight-run.ts";

/** A guide whose framework is installed here, and the place of its leak as the guide has it. */
interface Guide {
  readonly name: string;
  readonly extension: "mjs" | "ts";
  /** A place of the program's own, or, of what a framework keeps, the way to it. */
  readonly place: { readonly variable: string } | { readonly way: string };
}

const GUIDES: readonly Guide[] = [
  { name: "express", extension: "mjs", place: { variable: "cache" } },
  { name: "fastify", extension: "mjs", place: { variable: "DEFAULTS" } },
  { name: "hono", extension: "mjs", place: { variable: "notes" } },
  { name: "socket-io", extension: "mjs", place: { variable: "history" } },
  { name: "nestjs", extension: "ts", place: { way: "Notices → all" } },
  { name: "mcp", extension: "mjs", place: { variable: "memory" } },
  { name: "graphql", extension: "mjs", place: { variable: "memo" } },
];

function folderOf(name: string): string {
  return join(ROOT, "examples", "guides", name);
}

function textOf(name: string): string {
  return readFileSync(join(ROOT, "docs", "guides", `${name}.md`), "utf8");
}

function check({ name, extension }: Guide, variant: string, only: string): Promise<Finished> {
  const words = ["check", `examples/guides/${name}`, "--users", "8", "--only", only];
  const env = { SERVER: `server.${variant}.${extension}` };
  return new WatertightRun(words, { env }).finished;
}

function leaksIn({ report }: Finished): readonly Finding[] {
  const checks = report.categories.flatMap((category) => category.checks);
  return checks.flatMap(({ findings }) => findings).filter(({ kind }) => kind === "leak");
}

describe.each(GUIDES)("the guide to $name", (guide) => {
  it("has a leak that is found, at the place that it names", async () => {
    const finished = await check(guide, "leaky", "1.3");

    expect(finished.exitCode, finished.stdout + finished.stderr).toBe(1);
    const places = leaksIn(finished).flatMap(({ heldIn }) => heldIn);
    if ("way" in guide.place) {
      const { way } = guide.place;
      expect(textOf(guide.name)).toContain(way);
      expect(places.some(({ path }) => path.includes(way))).toBe(true);
      return;
    }
    const { variable } = guide.place;
    const found = places.find((place) => place.variable === variable);
    const file = `server.leaky.${guide.extension}`;
    expect(found).toMatchObject({ kind: "module variable", file: expect.stringContaining(file) });
    expect(textOf(guide.name)).toContain(`${file}:${found?.line}   module variable ${variable} →`);
  });

  it("has a fix that passes", async () => {
    const { exitCode, stdout, stderr, report } = await check(guide, "fixed", "1");

    expect(exitCode, stdout + stderr).toBe(0);
    const checks = report.categories.flatMap((category) => category.checks);
    expect(checks.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual([
      "1.1 passed",
      "1.2 passed",
      "1.3 passed",
    ]);
  });
});

describe("what guides show", () => {
  const names = readdirSync(join(ROOT, "docs", "guides")).map((file) => file.replace(".md", ""));

  it("is there for each project, and the other way round", () => {
    const isProject = (name: string): boolean =>
      existsSync(join(folderOf(name), "watertight.config.ts"));

    expect(names.length).toBeGreaterThan(8);
    expect(readdirSync(folderOf(".")).filter(isProject).sort()).toEqual([...names].sort());
  });

  it.each(names)("is the config of %s word for word", (name) => {
    const config = readFileSync(join(folderOf(name), "watertight.config.ts"), "utf8");

    expect(textOf(name)).toContain(`\`\`\`ts\n${config}\`\`\``);
  });

  it.each(names)("is the difference between both variants of %s", (name) => {
    const diff = /```diff\n(.*?)```/s.exec(textOf(name))?.[1]?.trimEnd().split("\n") ?? [];
    const linesOf = (variant: string): readonly string[] => {
      const files = readdirSync(folderOf(name), { recursive: true, encoding: "utf8" });
      const isOwn = (file: string): boolean =>
        file.includes(`.${variant}.`) && !file.includes("node_modules");
      return readFileSync(join(folderOf(name), files.find(isOwn) ?? ""), "utf8").split("\n");
    };
    const onlyIn = (lines: readonly string[], others: readonly string[]): readonly string[] =>
      lines.filter((line) => line !== "" && !others.includes(line));
    const [leaky, fixed] = [linesOf("leaky"), linesOf("fixed")];
    const withSign = (sign: string): readonly string[] =>
      diff.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));

    expect(leaky).toEqual(expect.arrayContaining([...withSign("-")]));
    expect(fixed).toEqual(expect.arrayContaining([...withSign("+")]));
    expect(withSign("-")).toEqual(expect.arrayContaining([...onlyIn(leaky, fixed)]));
    expect(withSign("+")).toEqual(expect.arrayContaining([...onlyIn(fixed, leaky)]));
  });
});
