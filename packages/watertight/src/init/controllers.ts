import { namesInPattern } from "./body-fields.ts";
import { calleeOf, isNode, type Node, nodesIn, propertyOf, textOf } from "./node.ts";
import { joinPaths, type SeenRoute } from "./route.ts";

const METHODS = /^(?:Get|Post|Put|Patch|Delete|All)$/;

/** The routes of a class: `@Get("x")` under `@Controller("y")`, as NestJS has them. */
export function readControllers(node: Node): readonly SeenRoute[] {
  if (node.type !== "ClassDeclaration" && node.type !== "ClassExpression") return [];
  const [controller] = decoratorsOf(node).filter(({ name }) => name === "Controller");
  if (controller === undefined) return [];
  const [first] = controller.parameters;
  const prefix = textOf(first) ?? textOf(propertyOf(first, "path")) ?? "";
  const members = nodesIn((node["body"] as Node)["body"]);
  return members.flatMap((member) => {
    const handlers = decoratorsOf(member).filter(({ name }) => METHODS.test(name));
    return handlers.map(({ name, parameters }) => ({
      method: name.toUpperCase(),
      path: joinPaths(prefix, textOf(parameters[0]) ?? ""),
      fields: fieldsOf(member["value"]),
      router: undefined,
    }));
  });
}

interface Decorator {
  readonly name: string;
  readonly parameters: readonly Node[];
}

function decoratorsOf(node: Node): readonly Decorator[] {
  return nodesIn(node["decorators"]).flatMap(({ expression }) => {
    if (!isNode(expression) || expression.type !== "CallExpression") return [];
    const name = calleeOf(expression)?.method;
    return name === undefined ? [] : [{ name, parameters: nodesIn(expression["arguments"]) }];
  });
}

/** `@Body("text") text` or `@Body() { text }`. */
function fieldsOf(method: unknown): readonly string[] {
  if (!isNode(method)) return [];
  return nodesIn(method["params"]).flatMap((parameter) => {
    const [body] = decoratorsOf(parameter).filter(({ name }) => name === "Body");
    if (body === undefined) return [];
    return textOf(body.parameters[0]) ?? namesInPattern(parameter);
  });
}
