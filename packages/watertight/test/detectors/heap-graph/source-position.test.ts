import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { locate } from "../../../src/detectors/heap-graph/source-position.ts";
import type { Holder } from "../../../src/finding.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "watertight-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

/** The text with a `|` before the declaration that is meant. */
async function find(marked: string, variable: string, kind: Holder["kind"], name = "source.ts") {
  const file = await write(name, marked.replace("|", ""));
  const before = marked.slice(0, marked.indexOf("|"));
  const line = before.split("\n").length;
  const column = before.length - before.lastIndexOf("\n");
  return { found: locate(file, variable, kind), expected: { file, line, column } };
}

describe("the declaration", () => {
  it.each<[string, Holder["kind"], string, string]>([
    ["a variable", "module variable", "cache", "const a = 1;\nlet |cache = new Map();"],
    ["one of several", "module variable", "cache", "const a = 1, |cache = {};"],
    ["a part of a pattern", "module variable", "cache", "const |{ a, b: [cache] = [] } = load();"],
    [
      "a variable that a function hides",
      "module variable",
      "cache",
      "function f() {\n  const cache = 1;\n}\nconst |cache = 2;",
    ],
    [
      "a variable of a function",
      "closure variable",
      "cache",
      "const cache = 1;\nfunction f() {\n  const |cache = 2;\n  return () => cache;\n}",
    ],
    [
      "a parameter",
      "closure variable",
      "cache",
      "export const create = |(cache: Map<string, string>) => () => cache;",
    ],
    [
      "a static",
      "static",
      "Manager.table",
      "class Other { static table = 1 }\nclass Manager {\n  |static table = 2;\n}",
    ],
    [
      "a private static",
      "private static",
      "Manager.#one",
      "class Manager {\n  |static #one?: Manager;\n}",
    ],
    [
      "a static that is assigned",
      "static",
      "Manager.table",
      "class Manager {}\n|Manager.table = new Map();",
    ],
    [
      "a field",
      "instance",
      "Manager.#table",
      "export class Manager {\n  readonly |#table = new Map();\n}",
    ],
    [
      "a field that the constructor sets",
      "instance",
      "Manager.table",
      "class Manager {\n  constructor(table) {\n    |this.table = table;\n  }\n}",
    ],
    [
      "a parameter property",
      "instance",
      "Manager.table",
      "class Manager {\n  constructor(|private readonly table: object) {}\n}",
    ],
    [
      "a field of a class in a variable",
      "instance",
      "Manager.table",
      "const Manager = class { |table = 1 };",
    ],
    ["an export", "export", "sessions", "export const |sessions = new Map();"],
    [
      "an export of another name",
      "export",
      "sessions",
      "const |table = new Map();\nexport { table as sessions };",
    ],
    ["a default export", "export", "default", "const a = 1;\n|export default new Map();"],
    ["an export of CommonJS", "export", "sessions", "|exports.sessions = new Map();"],
    [
      "a key of module.exports",
      "export",
      "sessions",
      "const a = 1;\n|module.exports = { a, sessions: [] };",
    ],
    ["all of module.exports", "export", "module.exports", "|module.exports = new Map();"],
  ])("of %s is found", async (_, kind, variable, marked) => {
    const { found, expected } = await find(
      marked.replace("readonly |#", "|readonly #"),
      variable,
      kind,
    );

    expect(found).toEqual(expected);
  });

  it("that can't be found leaves the file, and a file that can't be read its name", async () => {
    const file = await write("other.ts", "export const a = 1;");

    expect(locate(file, "cache", "module variable")).toEqual({ file });
    expect(locate(pathToFileURL(file).href, "cache", "module variable")).toEqual({ file });
    expect(locate(join(folder, "none.ts"), "a", "export")).toEqual({
      file: join(folder, "none.ts"),
    });
  });
});

describe("a compiled file", () => {
  /** Each line of the compiled file was three lines further down in its source. */
  const mapOf = (sources: readonly string[], lines: number): string =>
    JSON.stringify({
      version: 3,
      names: [],
      sources,
      mappings: ["AAGA", ...Array.from({ length: lines - 1 }, () => "AACA")].join(";"),
    });
  const text = "const a = 1;\nconst cache = new Map();\n";

  it("leads to the line of its source, by a map beside it or in it", async () => {
    const map = mapOf(["../src/cache.ts"], 2);
    const source = join(folder, "..", "src", "cache.ts");
    await write("beside.js.map", map);
    const beside = await write("beside.js", `${text}//# sourceMappingURL=beside.js.map\n`);
    const url = `data:application/json;base64,${Buffer.from(map).toString("base64")}`;
    const inside = await write("inside.js", `${text}//# sourceMappingURL=${url}`);

    for (const file of [beside, inside]) {
      expect(locate(file, "cache", "module variable")).toEqual({
        file: source,
        line: 5,
        column: 1,
      });
      expect(locate(file, "nothing", "module variable")).toEqual({ file: source });
    }
  });

  it("of many sources leads to none of them without a line", async () => {
    await write("bundle.js.map", mapOf(["a.ts", "b.ts"], 2));
    const file = await write("bundle.js", `${text}//# sourceMappingURL=bundle.js.map\n`);

    expect(locate(file, "nothing", "module variable")).toEqual({ file });
    expect(locate(file, "cache", "module variable").file).toBe(join(folder, "a.ts"));
  });

  it("without its map is named itself", async () => {
    const file = await write("alone.js", `${text}//# sourceMappingURL=alone.js.map\n`);

    expect(locate(file, "cache", "module variable")).toEqual({ file, line: 2, column: 7 });
  });
});
