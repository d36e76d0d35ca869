import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { parseSync } from "oxc-parser";
import { isRecord } from "../../received.ts";

/** A place in a file that a person wrote. Line and column count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * Finds where `variable` (`name`, `Class.name` or `Class.#name`) is declared in a script, and, if the
 * script was compiled and says from what, the place in the original. The file alone, if the
 * declaration can't be found.
 */
export function locate(script: string, variable: string): SourcePosition {
  const file = script.startsWith("file:") ? fileURLToPath(script) : script;
  try {
    const text = readFileSync(file, "utf8");
    const offset = declarationOffset(file, text, variable);
    const place = offset === undefined ? undefined : toLine(text, offset);
    return original(file, text, place) ?? { file, ...place };
  } catch {
    return { file };
  }
}

type Node = Readonly<Record<string, unknown>> & { readonly type: string; readonly start: number };

function declarationOffset(file: string, text: string, variable: string): number | undefined {
  const { program } = parseSync(file, text);
  const [className, member] = variable.includes(".") ? variable.split(".") : [undefined, variable];
  const root = className === undefined ? program : findClass(program, className);
  for (const node of walk(root)) {
    if (declares(node, member ?? variable, className !== undefined)) return node.start;
  }
  return undefined;
}

function findClass(program: unknown, name: string): unknown {
  for (const node of walk(program)) {
    const isClass = node.type === "ClassDeclaration" || node.type === "ClassExpression";
    if (isClass && nameOf(node["id"]) === name) return node["body"];
    if (node.type === "FunctionDeclaration" && nameOf(node["id"]) === name) return program;
  }
  return program;
}

function declares(node: Node, name: string, isMember: boolean): boolean {
  if (isMember && node.type === "PropertyDefinition") return nameOf(node["key"]) === name;
  if (isMember && node.type === "AssignmentExpression") {
    const left = node["left"];
    return isNode(left) && left.type === "MemberExpression" && nameOf(left["property"]) === name;
  }
  return node.type === "VariableDeclarator" && nameOf(node["id"]) === name;
}

function nameOf(node: unknown): string | undefined {
  if (!isNode(node) || typeof node["name"] !== "string") return undefined;
  return node.type === "PrivateIdentifier" ? `#${node["name"]}` : node["name"];
}

/** All nodes below a node, in the order of the source. */
function* walk(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) yield* walk(item);
  } else if (isRecord(value)) {
    if (isNode(value)) yield value;
    for (const child of Object.values(value)) {
      if (typeof child === "object" && child !== null) yield* walk(child);
    }
  }
}

function isNode(value: unknown): value is Node {
  return isRecord(value) && typeof value["type"] === "string" && typeof value["start"] === "number";
}

function toLine(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - before.lastIndexOf("\n") };
}

function original(
  file: string,
  text: string,
  place: { line: number; column: number } | undefined,
): SourcePosition | undefined {
  const url = /\/\/[#@] sourceMappingURL=(\S+)\s*$/.exec(text)?.[1];
  if (url === undefined) return undefined;
  const inline = /^data:[^,]*;base64,(.*)$/.exec(url)?.[1];
  const json =
    inline === undefined
      ? readFileSync(resolve(dirname(file), url), "utf8")
      : Buffer.from(inline, "base64").toString("utf8");
  const map = new TraceMap(json);
  const [first] = map.sources;
  const found = place && originalPositionFor(map, { line: place.line, column: place.column - 1 });
  const source = found?.source ?? first;
  if (source === null || source === undefined) return undefined;
  const written = resolve(dirname(file), source);
  if (found === undefined || found.line === null) return { file: written };
  return { file: written, line: found.line, column: found.column + 1 };
}
