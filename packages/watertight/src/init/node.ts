import { isRecord } from "../received.ts";

/** A node of a syntax tree, as ESTree has it. */
export type Node = Readonly<Record<string, unknown>> & { readonly type: string };

/** Whether a value of a tree is a node of it. */
export function isNode(value: unknown): value is Node {
  return isRecord(value) && typeof value["type"] === "string";
}

/** The nodes of a list such as `arguments` or `params`. */
export function nodesIn(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/**
 * Every node below, and the one itself; what stands first comes first. Without recursion: a sum of ten thousand
 * texts is as deep as it is long.
 */
export function* descendants(value: unknown): Generator<Node> {
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== "object" || next === null) continue;
    if (isNode(next)) yield next;
    open.push(...Object.values(next).toReversed());
  }
}

/** The text of a string, or of a template without expressions; `undefined` of anything else. */
export function textOf(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === "Literal" && typeof value["value"] === "string") return value["value"];
  const [quasi, ...others] = nodesIn(value["quasis"]);
  if (value.type !== "TemplateLiteral" || quasi === undefined || others.length > 0)
    return undefined;
  return (quasi["value"] as { readonly cooked: string }).cooked;
}

/** The name of an identifier or of a property that is named by a word. */
export function nameOf(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  return value.type === "Identifier" ? String(value["name"]) : textOf(value);
}

/** The value of a property of an object literal. */
export function propertyOf(value: unknown, key: string): Node | undefined {
  if (!isNode(value) || value.type !== "ObjectExpression") return undefined;
  const property = nodesIn(value["properties"]).find((one) => nameOf(one["key"]) === key);
  return isNode(property?.["value"]) ? property["value"] : undefined;
}

/** What is left of a value when types and waiting are taken off: `await x as T` is `x`. */
export function bare(value: unknown): Node | undefined {
  if (!isNode(value)) return undefined;
  const isWrapped = /^(?:TS\w+Expression|AwaitExpression|ParenthesizedExpression)$/.test(
    value.type,
  );
  if (value.type === "ChainExpression" || isWrapped) {
    return bare(value["expression"] ?? value["argument"]);
  }
  return value;
}

/** A function or method by the way it is called: `a.b("x").get(y)` is `get` of the call before it. */
export function calleeOf(
  call: Node,
): { readonly method: string; readonly of: Node | undefined } | undefined {
  const callee = bare(call["callee"]);
  if (callee?.type === "Identifier") return { method: String(callee["name"]), of: undefined };
  if (callee?.type !== "MemberExpression") return undefined;
  const method = nameOf(callee["property"]);
  return method === undefined ? undefined : { method, of: bare(callee["object"]) };
}

/** Whether something can be a handler by its looks: anything but a literal or an object. */
export function isHandler(value: Node | undefined): boolean {
  return value !== undefined && !/^(?:Literal|TemplateLiteral|ObjectExpression)$/.test(value.type);
}
