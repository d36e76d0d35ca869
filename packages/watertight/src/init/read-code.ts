import { parseSync } from "oxc-parser";
import { bodyFields } from "./body-fields.ts";
import { readControllers } from "./controllers.ts";
import { bare, calleeOf, descendants, isHandler, type Node, nameOf, nodesIn } from "./node.ts";
import { propertyOf, textOf } from "./node.ts";
import type { SourceFile } from "./sources.ts";
import { joinPaths, type SeenRoute } from "./route.ts";

/** `app.use("/api", users)`: what hangs on `users` begins with `/api`. */
export interface Mount {
  readonly on: string | undefined;
  readonly prefix: string;
  readonly mounted: string;
}

/** What one file says. */
export interface CodeReading {
  readonly file: string;
  readonly routes: readonly SeenRoute[];
  readonly mounts: readonly Mount[];
  /** Names of what it imports, and from where, as it is written there. */
  readonly imports: ReadonlyMap<string, string>;
  /** Names that it exports. */
  readonly exports: ReadonlySet<string>;
  /** Fields of a body that any of its functions reads. */
  readonly bodyFields: readonly string[];
  /** Whether it opens a port, and which, if that is written in it. */
  readonly listens: { readonly port: number | undefined } | undefined;
  /** What stands before every route of the program: Nest's `setGlobalPrefix`. */
  readonly globalPrefix: string | undefined;
}

const METHODS = /^(?:get|post|put|patch|delete|all)$/;
const LOOKS_LIKE_A_ROUTER =
  /^(?:\w*app|application|\w*server|api|\w*rout(?:er|es?)|fastify|hono)$/i;
const MAKES_A_ROUTER = /^(?:express|fastify|Fastify|Router|Hono|OpenAPIHono|createApp|polka)$/;

/** Reads a file; `undefined` if it can't be parsed. */
export function readCode({ path: file, text }: SourceFile): CodeReading | undefined {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) return undefined;
  const nodes = [...descendants(program)];
  const calls = nodes.filter(({ type }) => type === "CallExpression");
  const routers = new Set(nodes.flatMap(routerIn));
  const numbers = new Map(nodes.flatMap(numberIn));
  const isRouter = (name: string | undefined): boolean =>
    name === undefined || routers.has(name) || LOOKS_LIKE_A_ROUTER.test(name);
  return {
    file,
    routes: [
      ...calls.flatMap((call) => routesOf(call, isRouter)),
      ...nodes.flatMap((node) => readControllers(node)),
    ],
    mounts: [...calls.flatMap(mountOf), ...nodes.flatMap(basePathOf)],
    imports: new Map(nodes.flatMap(importsOf)),
    exports: new Set(nodes.flatMap(exportsOf)),
    bodyFields: bodyFields(program as unknown as Node),
    listens: calls.map((call) => listenOf(call, numbers)).find((found) => found !== undefined),
    globalPrefix: calls.flatMap(globalPrefixOf)[0],
  };
}

function routesOf(call: Node, isRouter: (name: string | undefined) => boolean): SeenRoute[] {
  const { method = "", of } = calleeOf(call) ?? {};
  const [first, ...others] = nodesIn(call["arguments"]);
  const { router, path: base } = rootOf(of);
  if (of === undefined || !isRouter(router)) return [];
  if (method === "route") return describedRoute(first, router);
  if (!METHODS.test(method)) return [];
  const path = textOf(first);
  const handler = [first, ...others].at(-1);
  // `app.get("/x", handler)`, or `router.route("/x").get(handler)`.
  const place = base ?? (others.length > 0 && path?.startsWith("/") === true ? path : undefined);
  if (place === undefined || !isHandler(handler)) return [];
  return [{ method: method.toUpperCase(), path: place, fields: bodyFields(handler), router }];
}

/** `fastify.route({ method: ["GET"], url: "/x", handler })`. */
function describedRoute(options: Node | undefined, router: string | undefined): SeenRoute[] {
  const path = textOf(propertyOf(options, "url") ?? propertyOf(options, "path"));
  const method = propertyOf(options, "method");
  if (path === undefined || method === undefined) return [];
  const methods = method.type === "ArrayExpression" ? nodesIn(method["elements"]) : [method];
  const fields = bodyFields(propertyOf(options, "handler"));
  return methods.flatMap((one) => {
    const name = textOf(one);
    return name === undefined ? [] : [{ method: name.toUpperCase(), path, fields, router }];
  });
}

/** The variable at the beginning of a chain of calls, and the path that the chain is about. */
function rootOf(value: Node | undefined): {
  readonly router: string | undefined;
  readonly path?: string;
} {
  if (value?.type === "Identifier") return { router: String(value["name"]) };
  if (value?.type !== "CallExpression") {
    // `this.app.get(…)`, `new Hono().get(…)`.
    return { router: value?.type === "MemberExpression" ? nameOf(value["property"]) : undefined };
  }
  const { method, of } = calleeOf(value) ?? {};
  const [first, ...others] = nodesIn(value["arguments"]);
  const path = method === "route" && others.length === 0 ? textOf(first) : undefined;
  if (of === undefined) return { router: method };
  return { ...rootOf(of), ...(path === undefined ? {} : { path }) };
}

function mountOf(call: Node): Mount[] {
  const { method = "", of } = calleeOf(call) ?? {};
  if (!/^(?:use|route|register)$/.test(method)) return [];
  const [first, ...others] = nodesIn(call["arguments"]);
  const on = rootOf(of).router;
  if (method === "register") {
    const prefix = textOf(propertyOf(others[0], "prefix")) ?? "";
    const mounted = nameOf(first);
    return mounted === undefined ? [] : [{ on, prefix, mounted }];
  }
  const prefix = textOf(first);
  const mounted = (prefix === undefined ? [first, ...others] : others).flatMap((one) =>
    one?.type === "Identifier" ? [String(one["name"])] : [],
  );
  return mounted.map((name) => ({ on, prefix: prefix ?? "", mounted: name }));
}

/** `const api = new Hono().basePath("/api")` stands as if it were mounted there. */
function basePathOf({ type, id, init }: Node): Mount[] {
  const call = bare(init);
  if (type !== "VariableDeclarator" || call?.type !== "CallExpression") return [];
  const [first] = nodesIn(call["arguments"]);
  const prefix = calleeOf(call)?.method === "basePath" ? textOf(first) : undefined;
  const mounted = nameOf(id);
  return prefix === undefined || mounted === undefined ? [] : [{ on: undefined, prefix, mounted }];
}

function routerIn({ type, id, init }: Node): string[] {
  const name = nameOf(id);
  const isNamed = type === "VariableDeclarator" && name !== undefined;
  return isNamed && makesRouter(bare(init)) ? [name] : [];
}

/** `express()`, `express.Router()`, `new Hono().basePath("/x")`. */
function makesRouter(value: Node | undefined): boolean {
  if (value === undefined || !/^(?:Call|New)Expression$/.test(value.type)) return false;
  const { method = "", of } = calleeOf(value) ?? {};
  return MAKES_A_ROUTER.test(method) || makesRouter(of);
}

function numberIn({ type, id, init }: Node): [string, number][] {
  const name = nameOf(id);
  const value = bare(init)?.["value"];
  if (type !== "VariableDeclarator" || name === undefined) return [];
  return typeof value === "number" ? [[name, value]] : [];
}

function importsOf({ type, source, specifiers, id, init }: Node): [string, string][] {
  const from = textOf(source);
  if (type === "ImportDeclaration" && from !== undefined) {
    return nodesIn(specifiers).map((one) => [nameOf(one["local"]) ?? "", from]);
  }
  const call = bare(init);
  const required = call?.type === "CallExpression" && calleeOf(call)?.method === "require";
  const path = required ? textOf(nodesIn(call["arguments"])[0]) : undefined;
  const name = nameOf(id);
  return type === "VariableDeclarator" && path !== undefined && name !== undefined
    ? [[name, path]]
    : [];
}

function exportsOf({ type, declaration, specifiers }: Node): string[] {
  if (type !== "ExportNamedDeclaration") return [];
  const declared = declaration as Node | null;
  const names = [declared?.["id"], ...nodesIn(declared?.["declarations"]).map(({ id }) => id)];
  const listed = nodesIn(specifiers).map((one) => one["exported"]);
  return [...names, ...listed].flatMap((name) => nameOf(name) ?? []);
}

function listenOf(call: Node, numbers: ReadonlyMap<string, number>): CodeReading["listens"] {
  const { method, of } = calleeOf(call) ?? {};
  const isOpened = (method === "listen" && of !== undefined) || method === "serve";
  if (!isOpened) return undefined;
  const [first] = nodesIn(call["arguments"]);
  const port = propertyOf(first, "port") ?? first;
  const value = bare(port)?.["value"];
  const number = typeof value === "number" ? value : numbers.get(nameOf(port) ?? "");
  return { port: number };
}

function globalPrefixOf(call: Node): string[] {
  if (calleeOf(call)?.method !== "setGlobalPrefix") return [];
  const prefix = textOf(nodesIn(call["arguments"])[0]);
  return prefix === undefined ? [] : [joinPaths("", prefix)];
}
