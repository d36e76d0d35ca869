import type { Holder } from "../../finding.ts";
import type { HeapEdge, HeapSnapshot } from "./snapshot.ts";

/** A variable, static field, export or global that an edge of the heap stands for. */
export interface NamedPlace {
  readonly kind: Holder["kind"];
  readonly variable: string;
  /** The URL or path of the script; `undefined` if no function of it is alive. */
  readonly script: string | undefined;
}

const CONTEXT = "system / Context";
const NATIVE_CONTEXT = "system / NativeContext";
const CELL = "system / Cell";
const FUNCTION_PROPERTIES: readonly string[] = Object.freeze([
  "prototype",
  "__proto__",
  "constructor",
  "name",
  "length",
  "super_",
]);

/**
 * Says which name in the program an edge stands for: a variable of a module (ESM or CommonJS), a
 * static field of a class, an export, or a property of the global object. Most edges stand for none.
 */
export function namePlace(heap: HeapSnapshot, edge: HeapEdge): NamedPlace | undefined {
  if (edge.kind === "context") return nameVariable(heap, edge);
  if (edge.kind === "property" && heap.typeOf(edge.from) === "closure")
    return nameStatic(heap, edge);
  if (edge.kind === "internal" && edge.name === "value" && heap.nameOf(edge.from) === CELL) {
    return nameExport(heap, edge.from);
  }
  if (edge.kind !== "property") return undefined;
  return nameExports(heap, edge) ?? nameGlobal(heap, edge);
}

/** The script that a closure was written in; `undefined` for built-in functions. */
export function scriptOf(heap: HeapSnapshot, closure: number): string | undefined {
  const shared = heap.target(closure, "internal", "shared");
  // The edge was renamed between the versions of V8 in Node 20 and Node 24.
  const script =
    shared === undefined
      ? undefined
      : heap.target(shared, "internal", "script", "script_or_debug_info");
  if (script === undefined) return undefined;
  const name = heap.nameOf(script);
  return /^(file:|node:|\/|[A-Za-z]:\\)/.test(name) ? name : undefined;
}

/** Scripts of closures; each function's is looked up once, however many closures it has. */
export class Scripts {
  readonly #heap: HeapSnapshot;
  readonly #known = new Map<number, string | undefined>();

  constructor(heap: HeapSnapshot) {
    this.#heap = heap;
  }

  /** The script that a closure was written in; `undefined` for built-in functions. */
  of(closure: number): string | undefined {
    const shared = this.#heap.target(closure, "internal", "shared");
    if (shared === undefined) return undefined;
    if (!this.#known.has(shared)) this.#known.set(shared, scriptOf(this.#heap, closure));
    return this.#known.get(shared);
  }
}

/** Says whether a context belongs to a whole module rather than to a call of a function. */
export function isModuleContext(heap: HeapSnapshot, context: number): boolean {
  if (!heap.isNamed(context, isContextName)) return false;
  const previous = heap.target(context, "internal", "previous");
  return previous === undefined || heap.nameOf(previous) === NATIVE_CONTEXT;
}

/** Says whether a node is the global object of a realm. */
export function isGlobalObject(heap: HeapSnapshot, node: number): boolean {
  return heap.typeOf(node) === "object" && heap.isNamed(node, isGlobalName);
}

/** Says whether that is what the global object of a realm is called. */
export function isGlobalName(name: string): boolean {
  return /^global\b/.test(name);
}

function isContextName(name: string): boolean {
  return name === CONTEXT;
}

/** The constructor of an object; `undefined` for one without. */
export function classOf(heap: HeapSnapshot, instance: number): number | undefined {
  const prototype = heap.target(instance, "property", "__proto__");
  return prototype === undefined ? undefined : heap.target(prototype, "property", "constructor");
}

/** Says whether a script is the application's own: neither Node's nor from an installed package. */
export function isOwnScript(script: string): boolean {
  return !script.startsWith("node:") && !/[\\/]node_modules[\\/]/.test(script);
}

/** The script of a context: that of any function that was made in it. */
export function scriptOfContext(heap: HeapSnapshot, context: number): string | undefined {
  const queue = [context];
  for (let place = 0; place < queue.length && place < 200; place += 1) {
    for (const edge of heap.edgesTo(queue[place] as number)) {
      const script = isContextOf(heap, edge) ? scriptOf(heap, edge.from) : undefined;
      if (script !== undefined) return script;
      if (isPrevious(heap, edge)) queue.push(edge.from);
    }
  }
  return undefined;
}

function isContextOf(heap: HeapSnapshot, { kind, name, from }: HeapEdge): boolean {
  return kind === "internal" && name === "context" && heap.typeOf(from) === "closure";
}

function isPrevious(heap: HeapSnapshot, { kind, name, from }: HeapEdge): boolean {
  return kind === "internal" && name === "previous" && heap.nameOf(from) === CONTEXT;
}

function nameVariable(heap: HeapSnapshot, { from, name }: HeapEdge): NamedPlace | undefined {
  if (heap.nameOf(from) !== CONTEXT) return undefined;
  const kind = isModuleContext(heap, from) ? "module variable" : "closure variable";
  return { kind, variable: name, script: scriptOfContext(heap, from) };
}

function nameStatic(heap: HeapSnapshot, { from, name }: HeapEdge): NamedPlace | undefined {
  if (FUNCTION_PROPERTIES.includes(name) || name.startsWith("<symbol")) return undefined;
  const kind = name.startsWith("#") ? "private static" : "static";
  return { kind, variable: `${heap.nameOf(from)}.${name}`, script: scriptOf(heap, from) };
}

/** In a module's table of exports the name stands one slot before the cell. */
function nameExport(heap: HeapSnapshot, cell: number): NamedPlace | undefined {
  for (const { kind, name: slot, from: table } of heap.edgesTo(cell)) {
    if (kind !== "internal" || heap.typeOf(table) !== "array") continue;
    const before = heap.target(table, "internal", String(Number(slot) - 1));
    const module = [...heap.edgesTo(table)].find(({ from }) =>
      heap.nameOf(from).endsWith("SourceTextModule"),
    );
    if (before === undefined || module === undefined || !isText(heap, before)) continue;
    return {
      kind: "export",
      variable: heap.nameOf(before),
      script: scriptOfModule(heap, module.from),
    };
  }
  return undefined;
}

function scriptOfModule(heap: HeapSnapshot, module: number): string | undefined {
  for (const { kind, name, from } of heap.edgesTo(module)) {
    if (kind === "internal" && name === "extension") {
      const script = scriptOfContext(heap, from);
      if (script !== undefined) return script;
    }
  }
  return undefined;
}

/** What a CommonJS module exports. Which of its properties it is, the way down from here tells. */
function nameExports(heap: HeapSnapshot, { name, from }: HeapEdge): NamedPlace | undefined {
  if (name !== "exports" || heap.nameOf(from) !== "Module") return undefined;
  const filename = heap.target(from, "property", "filename");
  const script = filename === undefined ? undefined : heap.nameOf(filename);
  return { kind: "export", variable: "exports", script };
}

function isText(heap: HeapSnapshot, node: number): boolean {
  return heap.typeOf(node) === "string" && heap.nameOf(node) !== "";
}

function nameGlobal(heap: HeapSnapshot, { from, name }: HeapEdge): NamedPlace | undefined {
  if (/^(__proto__$|<symbol)/.test(name) || !isGlobalObject(heap, from)) return undefined;
  return { kind: "global", variable: `globalThis.${name}`, script: undefined };
}
