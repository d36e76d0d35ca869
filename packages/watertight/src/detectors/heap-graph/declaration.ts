import { parseSync } from "oxc-parser";
import type { Holder } from "../../finding.ts";
import { isRecord } from "../../received.ts";

/** What the declaration is looked for of: `name`, `Class.name` or `Class.#name`. */
export interface Declared {
  readonly variable: string;
  readonly kind: Holder["kind"];
}

type Node = Readonly<Record<string, unknown>> & { readonly type: string; readonly start: number };

/**
 * Finds where in a source text something is declared; `undefined` if it isn't, as far as one can
 * see. Of several variables of one name, a variable of the module is the outermost.
 */
export function declarationOffset(
  file: string,
  text: string,
  { variable, kind }: Declared,
): number | undefined {
  const { program } = parseSync(file, text);
  const [className = "", member] = variable.split(".");
  if (member !== undefined) return memberOffset(program, className, member);
  const name = kind === "export" ? localNameOf(program, variable) : variable;
  const passes =
    kind === "closure variable" ? [insideFunctions, everything] : [outside, everything];
  for (const pass of passes) {
    for (const node of walk(program, pass)) {
      if (declaresVariable(node, name) || (kind === "export" && isExportOf(node, variable))) {
        return node.start;
      }
    }
  }
  return undefined;
}

function memberOffset(program: unknown, className: string, member: string): number | undefined {
  for (const root of [classBody(program, className), program]) {
    for (const node of walk(root, everything)) {
      if (declaresMember(node, member)) return node.start;
    }
  }
  return undefined;
}

function classBody(program: unknown, name: string): unknown {
  for (const node of walk(program, everything)) {
    const isClass = node.type === "ClassDeclaration" || node.type === "ClassExpression";
    if (isClass && nameOf(node["id"]) === name) return node["body"];
    const value = node.type === "VariableDeclarator" ? node["init"] : undefined;
    if (isNode(value) && value.type === "ClassExpression" && nameOf(node["id"]) === name) {
      return value["body"];
    }
  }
  return undefined;
}

function declaresMember(node: Node, name: string): boolean {
  if (node.type === "PropertyDefinition") return nameOf(node["key"]) === name;
  if (node.type === "TSParameterProperty") return binds(node["parameter"], name);
  return node.type === "AssignmentExpression" && nameOfMember(node["left"]) === name;
}

function declaresVariable(node: Node, name: string): boolean {
  if (node.type === "VariableDeclarator") return binds(node["id"], name);
  return isFunction(node) && Array.isArray(node["params"]) && binds(node["params"], name);
}

/** Says whether a pattern, or one of a list of parameters, gives a value that name. */
function binds(pattern: unknown, name: string): boolean {
  if (Array.isArray(pattern)) return pattern.some((item) => binds(item, name));
  if (!isNode(pattern)) return false;
  if (pattern.type === "Identifier") return pattern["name"] === name;
  const parts = ["left", "argument", "elements", "properties", "parameter"];
  if (pattern.type === "Property") return binds(pattern["value"], name);
  return parts.some((part) => binds(pattern[part], name));
}

/** `exports.name =`, `module.exports =`, `export default` or a key of an object that is exported. */
function isExportOf(node: Node, name: string): boolean {
  if (node.type === "ExportDefaultDeclaration") return name === "default";
  if (node.type !== "AssignmentExpression") return false;
  const member = nameOfMember(node["left"]);
  if (name === "module.exports") return member === "exports";
  return member === name || (member === "exports" && hasKey(node["right"], name));
}

function hasKey(value: unknown, name: string): boolean {
  if (!isNode(value) || !Array.isArray(value["properties"])) return false;
  return value["properties"].some((property: unknown) => {
    return isNode(property) && nameOf(property["key"]) === name;
  });
}

/** `export { local as name }` */
function localNameOf(program: unknown, name: string): string {
  for (const node of walk(program, outside)) {
    if (node.type === "ExportSpecifier" && nameOf(node["exported"]) === name) {
      return nameOf(node["local"]) ?? name;
    }
  }
  return name;
}

function nameOfMember(node: unknown): string | undefined {
  return isNode(node) && node.type === "MemberExpression" ? nameOf(node["property"]) : undefined;
}

function nameOf(node: unknown): string | undefined {
  if (!isNode(node) || typeof node["name"] !== "string") return undefined;
  return node.type === "PrivateIdentifier" ? `#${node["name"]}` : node["name"];
}

/** Which nodes a walk shows, and whether it goes below a node. */
type Pass = (node: Node, depth: number) => { readonly show: boolean; readonly enter: boolean };

const outside: Pass = (node) => ({ show: !isFunction(node), enter: !isFunction(node) });
const everything: Pass = () => ({ show: true, enter: true });
const insideFunctions: Pass = (node, depth) => ({
  show: depth > 0 || isFunction(node),
  enter: true,
});

/** The nodes below a value that a pass shows, in the order of the source. */
function* walk(value: unknown, pass: Pass, depth = 0): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) yield* walk(item, pass, depth);
    return;
  }
  if (!isRecord(value)) return;
  const { show, enter } = isNode(value) ? pass(value, depth) : { show: false, enter: true };
  if (show) yield value as Node;
  if (!enter) return;
  const below = depth + (isNode(value) && isFunction(value) ? 1 : 0);
  for (const child of Object.values(value)) {
    if (typeof child === "object" && child !== null) yield* walk(child, pass, below);
  }
}

function isFunction({ type }: Node): boolean {
  return type.includes("Function");
}

function isNode(value: unknown): value is Node {
  return isRecord(value) && typeof value["type"] === "string" && typeof value["start"] === "number";
}
