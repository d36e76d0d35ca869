import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseSync } from "oxc-parser";
import { describe, expect, test } from "vitest";
import { ROOT } from "./watertight-run.ts";

type Node = Readonly<Record<string, unknown>> & { readonly type: string };

const SKIPPED = ["node_modules", "dist", "coverage", ".watertight", ".git"];

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

function filesIn(folder: string, isWanted: (name: string) => boolean): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(path, isWanted);
    return isWanted(entry.name) ? [path] : [];
  });
}

function sorted(texts: Iterable<string>): string[] {
  return [...texts].toSorted((a, b) => a.localeCompare(b, "en"));
}

function headings(path: string, level: number): string[] {
  const mark = `${"#".repeat(level)} `;
  const lines = withoutCode(read(path)).split("\n");
  return lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(mark.length));
}

function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^ *```[\s\S]*?^ *```$/gm, "");
}

function* walk(value: unknown): Generator<Node> {
  if (typeof value !== "object" || value === null) return;
  if ("type" in value && typeof value.type === "string") yield value as Node;
  for (const child of Object.values(value)) yield* walk(child);
}

/** The nodes of a source of this repository that are of one type, and declare one name if one is given. */
function nodesOf(path: string, type: string, name?: string): Node[] {
  const { program } = parseSync(path, read(path));
  const nodes = [...walk(program)].filter((node) => node.type === type);
  return nodes.filter((node) => name === undefined || nameOf(node["id"]) === name);
}

function nameOf(node: unknown): unknown {
  return (node as Node | undefined)?.["name"];
}

/** The texts that a union type of a source allows. */
function unionOf(path: string, name: string): string[] {
  const literals = [...walk(nodesOf(path, "TSTypeAliasDeclaration", name))];
  return literals.flatMap(({ type, value }) => (type === "Literal" ? [String(value)] : []));
}

function membersOf(path: string, name: string): string[] {
  const declarations = nodesOf(path, "TSInterfaceDeclaration", name);
  const members = declarations.flatMap(({ body }) => (body as { body: Node[] }).body);
  return members.map((member) => String(nameOf(member["key"])));
}

/** What each kind of finding is advised: `leak` → `docs/fixes/shared-instance.md`. */
function advisedPages(): Map<string, string> {
  const properties = nodesOf("packages/watertight/src/suite/advice.ts", "Property");
  return new Map(
    properties.flatMap(({ key, value }): [string, string][] => {
      const page = ((value as Node)["arguments"] as Node[] | undefined)?.[1]?.["value"];
      const kind = nameOf(key) ?? (key as Node)["value"];
      return typeof page === "string" ? [[String(kind), `docs/fixes/${page}.md`]] : [];
    }),
  );
}

const RUNTIME_ERRORS = "packages/runtime/src/errors.ts";
const WIRE_ERRORS = "packages/runtime/src/protocol/frames.ts";
const TOOL_ERRORS = "packages/watertight/src/errors.ts";
const CONFIG = "packages/watertight/src/config/define-config.ts";

describe("docs/errors.md", () => {
  test("has a heading for each code of the three families, and no other", () => {
    const families = [
      unionOf(RUNTIME_ERRORS, "ErrorCode"),
      unionOf(WIRE_ERRORS, "WireErrorCode"),
      unionOf(TOOL_ERRORS, "ToolErrorCode"),
    ];
    for (const codes of families) expect(codes.length).toBeGreaterThan(5);
    expect(sorted(headings("docs/errors.md", 3))).toEqual(sorted(families.flat()));
  });
});

describe("docs/findings.md", () => {
  const kinds = unionOf("packages/watertight/src/finding.ts", "FindingKind");

  test("has a heading for each kind of finding, and no other", () => {
    expect(kinds.length).toBeGreaterThan(10);
    expect(sorted(headings("docs/findings.md", 3))).toEqual(sorted(kinds));
  });

  test("leads from each kind to the page that the tool advises", () => {
    const pages = advisedPages();
    expect(sorted(pages.keys())).toEqual(sorted(kinds));
    const sections = new Map(
      read("docs/findings.md")
        .split(/^### /m)
        .map((section) => [section.split("\n")[0], section]),
    );
    for (const [kind, page] of pages) {
      expect(sections.get(kind), kind).toContain(`](${relative("docs", page)})`);
    }
  });
});

test("docs/fixes has the pages that the tool advises, and no other", () => {
  const pages = sorted(new Set(advisedPages().values()));
  expect(sorted(filesIn("docs/fixes", (name) => name.endsWith(".md")))).toEqual(pages);
});

describe("docs/configuration.md", () => {
  const text = read("docs/configuration.md");

  test("has examples that can be parsed", () => {
    const examples = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
    expect(examples.filter((code) => code.startsWith("import")).length).toBeGreaterThan(1);
    for (const code of examples) expect(parseSync("example.ts", code).errors, code).toEqual([]);
  });

  /** Keys that are told of by what is in them. */
  const GROUPS = ["target", "classes", "races", "everything", "limits"];

  test("has a row for each key of a config, and no other", () => {
    const [, table = ""] = text.split("## All keys");
    const rows = [...table.matchAll(/^\| `([^`(]+)(?:\([^`]*\))?` +\|/gm)].map(
      ([, key = ""]) => key,
    );
    const within = (prefix: string, name: string): string[] =>
      membersOf(CONFIG, name).map((key) => `${prefix}.${key}`);
    const keys = [
      ...membersOf(CONFIG, "Config").filter((key) => !GROUPS.includes(key)),
      ...within("target", "CommandTarget"),
      ...within("target", "ComponentsTarget"),
      ...within("agents", "AgentConversation"),
      ...within("…", "AgentCall"),
      ...within("classes", "ComponentClasses"),
      ...within("races", "RaceSettings"),
      ...within("everything", "EverythingSettings"),
      ...within("limits", "Limits"),
    ];
    expect(sorted(rows)).toEqual(sorted(new Set(keys)));
  });
});

test("docs/dependencies.md names what each package.json asks for, and nothing else", () => {
  // What a guide or a published leak installs is its subject, in a folder that is no part of the repository's own.
  const manifests = filesIn(".", (name) => name === "package.json")
    .filter((path) => !/^(corpus|examples\/guides)\//.test(path))
    .map((path) => ({
      folder: dirname(path) === "." ? "the root" : dirname(path),
      manifest: JSON.parse(read(path)) as Readonly<Record<string, unknown>>,
    }));
  const own = new Set(manifests.map(({ manifest }) => manifest["name"]));
  const asked = manifests.flatMap(({ folder, manifest }) =>
    ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]
      .flatMap((kind) => Object.keys(manifest[kind] ?? {}))
      .filter((name) => !own.has(name))
      .map((name) => `${name} in ${folder}`),
  );
  const rows = read("docs/dependencies.md").matchAll(/^\| `([^`]+)` +\| ([^|]+) \|/gm);
  const named = [...rows].flatMap(([, name, folders = ""]) =>
    folders.split(",").map((folder) => `${name} in ${folder.replaceAll("`", "").trim()}`),
  );
  expect(asked.length).toBeGreaterThan(20);
  expect(sorted(named)).toEqual(sorted(new Set(asked)));
});

interface Link {
  readonly from: string;
  readonly label: string;
  readonly path: string;
  readonly anchor: string | undefined;
  /** Code that follows the link: `[src/a.ts:3](src/a.ts#L3) \`let a\``. */
  readonly code: string | undefined;
}

function linksIn(from: string): Link[] {
  const links = withoutCode(read(from)).matchAll(
    /\[([^\]]*)\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]+))?\)(?:\s+`([^`]+)`)?/g,
  );
  return [...links].map(([, label = "", target = "", anchor, code]) => {
    const path = target === "" ? from : join(dirname(from), target);
    return { from, label, path, anchor, code };
  });
}

/** Why a link leads nowhere; `undefined` if it leads somewhere. */
function brokenness({ path, anchor }: Link): string | undefined {
  if (!existsSync(join(ROOT, path))) return "there is no such file";
  if (anchor === undefined) return undefined;
  if (statSync(join(ROOT, path)).isDirectory()) return "a folder has no anchors";
  const [, line] = /^L(\d+)$/.exec(anchor) ?? [];
  if (line !== undefined) {
    const isThere = Number(line) > 0 && Number(line) <= read(path).trimEnd().split("\n").length;
    return isThere ? undefined : "there is no such line";
  }
  const anchors = [1, 2, 3, 4].flatMap((level) => headings(path, level)).map(slugOf);
  return anchors.includes(anchor) ? undefined : "there is no such heading";
}

/** The anchor that hosts of Markdown give a heading. */
function slugOf(heading: string): string {
  const words = heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "");
  return words.replaceAll(" ", "-");
}

describe("the documents", () => {
  const links = filesIn(".", (name) => name.endsWith(".md")).flatMap(linksIn);

  test("have links that lead somewhere", () => {
    expect(links.length).toBeGreaterThan(80);
    const broken = links.flatMap((link) => {
      const reason = brokenness(link);
      const target = link.path + (link.anchor === undefined ? "" : `#${link.anchor}`);
      return reason === undefined ? [] : [`${link.from} → ${target}: ${reason}`];
    });
    expect(broken).toEqual([]);
  });

  test("quote code that stands on the line that they name", () => {
    const quotes = links.filter(({ anchor, code }) => /^L\d+$/.test(anchor ?? "") && code);
    expect(quotes.length).toBeGreaterThan(10);
    const wrong = quotes.filter(({ label, path, anchor, code }) => {
      const line = Number(anchor?.slice(1));
      const isNamed = !/:\d+$/.test(label) || label.endsWith(`:${line}`);
      return (
        !isNamed ||
        !read(path)
          .split("\n")
          [line - 1]?.includes(code ?? "")
      );
    });
    expect(wrong).toEqual([]);
  });
});
