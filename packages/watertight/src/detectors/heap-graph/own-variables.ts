import { parseSync } from "oxc-parser";
import { isRecord } from "../../received.ts";

/** What to look for: a variable of the module in which a class was written. */
export interface OwnVariable {
  readonly className: string;
  readonly variable: string;
}

type Node = Readonly<Record<string, unknown>> & { readonly type: string };

/**
 * Says whether the code of a class could touch a variable of its own module: whether the class, or
 * anything of the module that the class names, names it. A file that holds a whole program keeps its
 * table of users beside classes that know nothing of it. Where one can't see, the answer is yes.
 */
export function canTouch(
  file: string,
  text: string,
  { className, variable }: OwnVariable,
): boolean {
  const statements = parseSync(file, text).program.body as unknown as readonly Node[];
  const declared = new Map(statements.flatMap(declarationsIn));
  const exported = statements.filter(({ type }) => type.startsWith("Export")).flatMap(namesIn);
  const imported = new Set(statements.filter(isOwnImport).flatMap(namesIn));
  if (!declared.has(className)) return true;
  const named = new Set([className]);
  for (const name of named) {
    for (const other of declared.get(name) ?? []) named.add(other);
    // Another module of the program may call back whatever this one exports.
    if (imported.has(name)) for (const other of exported) named.add(other);
  }
  return named.has(variable);
}

/** The names that a statement declares, each with all names that stand in what it declares. */
function declarationsIn(statement: Node): [string, readonly string[]][] {
  const inner = statement["declaration"];
  if (isNode(inner)) return declarationsIn(inner);
  if (statement.type === "VariableDeclaration") {
    const declarators = statement["declarations"] as readonly Node[];
    return declarators.flatMap((declarator) => {
      const names = namesIn(declarator);
      return namesIn(declarator["id"]).map((name): [string, readonly string[]] => [name, names]);
    });
  }
  const id = statement["id"];
  return isNode(id) ? [[String(id["name"]), namesIn(statement)]] : [];
}

function isOwnImport({ type, source }: Node): boolean {
  if (type !== "ImportDeclaration" || !isNode(source)) return false;
  return String(source["value"]).startsWith(".");
}

/** Every name that stands in some code for itself: not `b` in `a.b` or in `{ b: 1 }`. */
function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (!isRecord(value)) return [];
  if (value["type"] === "Identifier") return [String(value["name"])];
  const silent = value["computed"] === true || value["shorthand"] === true ? "" : silentPart(value);
  return Object.entries(value).flatMap(([key, part]) => (key === silent ? [] : namesIn(part)));
}

function silentPart({ type }: Readonly<Record<string, unknown>>): string {
  return type === "MemberExpression" ? "property" : "key";
}

function isNode(value: unknown): value is Node {
  return isRecord(value) && typeof value["type"] === "string";
}
