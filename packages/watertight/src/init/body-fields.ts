import { bare, calleeOf, descendants, isNode, type Node, nameOf, nodesIn, textOf } from "./node.ts";

/** Names of the fields that a handler reads of the body of its request, in order, each once. */
export function bodyFields(handler: Node | undefined): readonly string[] {
  if (handler === undefined) return [];
  const nodes = [...descendants(handler)];
  const bodies = new Set(nodes.flatMap(bodyVariable));
  const isBody = (value: unknown): boolean => {
    const node = bare(value);
    return isBodyOf(node) || (node?.type === "Identifier" && bodies.has(String(node["name"])));
  };
  return [...new Set(nodes.flatMap((node) => fieldsIn(node, isBody)))];
}

/** Names in a pattern: `{ text, tags = [] }`. */
export function namesInPattern(pattern: unknown): readonly string[] {
  if (!isNode(pattern) || pattern.type !== "ObjectPattern") return [];
  return nodesIn(pattern["properties"]).flatMap((property) => nameOf(property["key"]) ?? []);
}

/** `const body = await request.json()`, or `({ body }, response) => …`. */
function bodyVariable({ type, id, init, key, value }: Node): string[] {
  const isNamed = type === "VariableDeclarator" && isNode(id) && id.type === "Identifier";
  if (isNamed && isBodyOf(bare(init))) return [String(id["name"])];
  const isTaken = type === "Property" && nameOf(key) === "body";
  return isTaken && isNode(value) && value.type === "Identifier" ? [String(value["name"])] : [];
}

function fieldsIn(node: Node, isBody: (value: unknown) => boolean): readonly string[] {
  if (node.type === "VariableDeclarator" && isBody(node["init"])) return namesInPattern(node["id"]);
  if (node.type === "Property" && nameOf(node["key"]) === "body")
    return namesInPattern(node["value"]);
  if (node.type !== "MemberExpression" || !isBody(node["object"])) return [];
  const name = node["computed"] === true ? textOf(node["property"]) : nameOf(node["property"]);
  return name === undefined ? [] : [name];
}

/** `req.body`, `c.req.json()`, `request.json()`. */
function isBodyOf(node: Node | undefined): boolean {
  if (node?.type === "MemberExpression") return nameOf(node["property"]) === "body";
  if (node?.type !== "CallExpression") return false;
  const callee = calleeOf(node);
  const isRead = callee?.method === "json" || callee?.method === "parseBody";
  return isRead && nodesIn(node["arguments"]).length === 0 && isRequest(callee?.of);
}

function isRequest(node: Node | undefined): boolean {
  if (node?.type === "MemberExpression") return nameOf(node["property"]) === "req";
  return node?.type === "Identifier" && /^req(?:uest)?$/.test(String(node["name"]));
}
