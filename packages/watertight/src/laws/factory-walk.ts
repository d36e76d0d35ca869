import {
  classOf,
  isGlobalObject,
  isModuleContext,
  isOwnScript,
  Scripts,
} from "../detectors/heap-graph/named-place.ts";
import { type Follow, type Reach, reachFrom } from "../detectors/heap-graph/reach.ts";
import type { HeapSnapshot } from "../detectors/heap-graph/snapshot.ts";

const CONTEXT = "system / Context";
const NAMESPACE = "Module";

/** What an instance holds, and what its code could touch beside that. */
export interface InstanceReach {
  readonly data: Reach;
  readonly code: Reach;
  /** `undefined` for what was made without a class of the program's own. */
  readonly className: string | undefined;
}

/**
 * Walks from an instance that `create` has made. Its data ends at variables of modules; its code goes
 * on into those of the modules that it was written in, and that these import. Neither goes into the
 * engine, Node, installed packages, or functions from the file of `create` that were handed in.
 */
export function walkFrom(heap: HeapSnapshot, instance: number, create: number): InstanceReach {
  const maker = classOf(heap, instance);
  const isOwn = ownCode(heap, { instance, maker, create });
  const data = reachFrom(heap, [instance], {
    follow: (to) =>
      !isGlobalObject(heap, to) &&
      !isModuleContext(heap, to) &&
      (heap.typeOf(to) !== "closure" || isOwn(to)),
  });
  const code = walkCode(heap, instance, isOwn);
  const isClass = maker !== undefined && isOwn(maker);
  return { data, code, className: isClass ? heap.nameOf(maker) : undefined };
}

interface Made {
  readonly instance: number;
  /** Its class; `Object` for a plain object. */
  readonly maker: number | undefined;
  readonly create: number;
}

/** A test hands in functions of its own, to log or to count: they know the test, and so everybody. */
function ownCode(heap: HeapSnapshot, { instance, maker, create }: Made): (to: number) => boolean {
  const scripts = new Scripts(heap);
  const home = maker === undefined ? undefined : scripts.of(maker);
  const properties = [...heap.edgesFrom(instance)].filter(({ kind }) => kind === "property");
  const methods = [instance, ...properties.map(({ to }) => to)].filter(
    (node) => heap.typeOf(node) === "closure",
  );
  const writtenIn = home === undefined ? methods.map((node) => scripts.of(node)) : [home];
  const ofCreate = scripts.of(create);
  return (to) => {
    const script = scripts.of(to);
    if (script === undefined || !isOwnScript(script)) return false;
    return script !== ofCreate || writtenIn.includes(script);
  };
}

/** Where modules are rewritten into functions, what they import is behind the getters of a namespace. */
function walkCode(heap: HeapSnapshot, instance: number, isOwn: (to: number) => boolean): Reach {
  const follow = ofCode(heap, isOwn);
  const start = [instance];
  for (;;) {
    const reach = reachFrom(heap, start, { follow });
    const getters = [...reach.nodes].flatMap((node) => gettersBehind(heap, node));
    const fresh = getters.filter((getter) => isOwn(getter) && !reach.has(getter));
    if (fresh.length === 0) return reach;
    start.push(...fresh);
  }
}

function gettersBehind(heap: HeapSnapshot, node: number): readonly number[] {
  if (heap.nameOf(node) !== CONTEXT) return [];
  return [...heap.edgesFrom(node)]
    .filter(({ to }) => heap.nameOf(to) === NAMESPACE && classOf(heap, to) === undefined)
    .flatMap(({ to }) => [...heap.edgesFrom(to)])
    .flatMap(({ name, to }) =>
      name.startsWith("get ") && heap.typeOf(to) === "closure" ? [to] : [],
    );
}

/** Down the import graph, never up: of a module only the table of what it exports and imports counts. */
function ofCode(heap: HeapSnapshot, isOwn: (to: number) => boolean): Follow {
  const { nodeName } = heap.columns;
  const modules = heap.names(isModuleName);
  const cells = heap.names(isCellName);
  const tables = new Set<number>();
  for (let node = 0; node < nodeName.length; node += 1) {
    if (!modules.has(nodeName[node] as number)) continue;
    for (const { to } of heap.edgesFrom(node)) if (heap.typeOf(to) === "array") tables.add(to);
  }
  return (to, from) => {
    if (modules.has(nodeName[from] as number)) return tables.has(to);
    if (tables.has(from)) return cells.has(nodeName[to] as number);
    if (heap.typeOf(to) === "closure") return isOwn(to);
    return !isGlobalObject(heap, to);
  };
}

function isModuleName(name: string): boolean {
  return name.endsWith("SourceTextModule");
}

function isCellName(name: string): boolean {
  return name === "system / Cell";
}
