import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";
import { ROOT } from "./watertight-run.ts";

type Node = Readonly<Record<string, unknown>> & { readonly type: string; readonly start: number };

const COLLECTIONS = /^(Map|Set|WeakMap|WeakSet|Array|Uint8Array|Uint32Array)$/;

/** What a module keeps for everybody who imports it: none of this may be in either package. */
function sharedState(file: string, text: string): string[] {
  const { program } = parseSync(file, text);
  const statements = (program.body as unknown as Node[]).map(
    (statement) => (statement["declaration"] as Node | null | undefined) ?? statement,
  );
  const places = statements.flatMap((statement) => [
    ...mutableVariables(statement),
    ...mutableStatics(statement),
  ]);
  const lineOf = (node: Node): number => text.slice(0, node.start).split("\n").length;
  return places.map((node) => `${file}:${lineOf(node)}`);
}

function mutableVariables(statement: Node): Node[] {
  if (statement.type !== "VariableDeclaration") return [];
  if (statement["kind"] !== "const") return [statement];
  const declarators = statement["declarations"] as Node[];
  return declarators.filter((declarator) => isMutable(declarator["init"] as Node | null));
}

function mutableStatics(statement: Node): Node[] {
  if (statement.type !== "ClassDeclaration") return [];
  const members = (statement["body"] as { body: Node[] }).body;
  return members.filter(
    (member) =>
      member.type === "PropertyDefinition" &&
      member["static"] === true &&
      (member["readonly"] !== true || isMutable(member["value"] as Node | null)),
  );
}

/** An object that anybody can write to. `Object.freeze` protects arrays and records, but no collection. */
function isMutable(init: Node | null): boolean {
  if (init === null) return false;
  if (init.type === "CallExpression") {
    return (init["arguments"] as Node[]).some(
      (argument) => argument.type === "NewExpression" && isMutable(argument),
    );
  }
  if (init.type === "TSAsExpression" || init.type === "TSSatisfiesExpression") {
    return isMutable(init["expression"] as Node);
  }
  if (init.type === "NewExpression") {
    return COLLECTIONS.test(String((init["callee"] as Node)["name"]));
  }
  const { regex } = init as { regex?: { flags: string } };
  if (regex !== undefined) return /[gy]/.test(regex.flags);
  return init.type === "ArrayExpression" || init.type === "ObjectExpression";
}

function sourcesIn(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".ts")).map((name) => join(folder, name));
}

test("no module of either package keeps state for everybody", () => {
  const files = ["packages/runtime/src", "packages/watertight/src"].flatMap(sourcesIn);
  expect(files.length).toBeGreaterThan(80);
  const places = files.flatMap((file) => sharedState(file, readFileSync(join(ROOT, file), "utf8")));
  expect(places).toEqual([]);
});

test("the rule would notice", () => {
  const broken = [
    "let instance;",
    "export const cache = new Map();",
    "const list: string[] = [];",
    "export const table = { a: 1 } as const;",
    "class Registry { static instance = new Registry(); }",
    "const pattern = /a/g;",
    "const names = Object.freeze(new Set());",
  ];
  for (const line of broken) expect(sharedState("broken.ts", line), line).toHaveLength(1);
  expect(sharedState("fine.ts", 'const A = 1; const B = Object.freeze(["a"]);')).toEqual([]);
});
