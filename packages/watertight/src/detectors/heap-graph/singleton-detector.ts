import type { Holder } from "../../finding.ts";
import { canaryNodes, type OwnerOf, toHolder } from "./holders.ts";
import { isGlobalObject, isModuleContext, type NamedPlace, namePlace, scriptOf } from "./named-place.ts";
import { pathText } from "./path-text.ts";
import { type Follow, pathTo, reachFrom, type Visit } from "./reach.ts";
import type { HeapEdge, HeapSnapshot } from "./snapshot.ts";
import { locate } from "./source-position.ts";

export interface SingletonQuery {
  /** The name of a class of components, for example `WebSocketManager`. */
  readonly className: string;
  readonly ownerOf: OwnerOf;
}

/** What the heap says of one class. */
export interface SingletonEvidence {
  readonly instances: number;
  /** For each instance, the users whose canaries can be reached from it. */
  readonly usersPerInstance: readonly (readonly string[])[];
  /** Variables of the class's own code (statics, its module, what it imports) that hold users' data. */
  readonly staticHolders: readonly Holder[];
  /** The nearest places that several instances share and that hold data of several users. */
  readonly sharedState: readonly Holder[];
}

type UsersAt = ReadonlyMap<number, readonly string[]>;

/** Comparing every pair of a thousand instances would tell no more than comparing these. */
const COMPARED_INSTANCES = 16;

/**
 * Judges how a class of components is made, by what its instances and its own code can reach.
 *
 * The reach of the *class* is what its methods could touch without being given anything: its statics,
 * the variables of its module, what it imports. In a correct program no user's data is there. The
 * reach of an *instance* is its data. It ends at module variables (they belong to the class's reach),
 * at functions that were handed in from elsewhere, and at the objects of the event loop.
 */
export function detectSingletons(heap: HeapSnapshot, query: SingletonQuery): SingletonEvidence {
  const instances = findInstances(heap, query.className);
  const usersAt = locateUsers(heap, query.ownerOf);
  const classes = new Set(instances.flatMap((node) => classOf(heap, node) ?? []));
  const ofClass = reachFrom(heap, [...classes], ofItsOwnCode(heap));
  const scripts = scriptsIn(heap, ofClass);
  const reaches = instances.map((node) => reachFrom(heap, [node], ofItsData(heap, scripts)));
  return {
    instances: instances.length,
    usersPerInstance: reaches.map((reach) => usersIn(reach, usersAt)),
    staticHolders: holdersIn(heap, ofClass, usersAt),
    sharedState: sharedAmong(heap, query.className, reaches, usersAt),
  };
}

/** Objects of that class name, its prototypes left out: those have a `constructor` of their own. */
function findInstances(heap: HeapSnapshot, className: string): number[] {
  const nameIndex = heap.strings.indexOf(className);
  const found: number[] = [];
  for (let node = 0; node < heap.nodeCount; node += 1) {
    if (heap.nameIndexOf(node) !== nameIndex || heap.typeOf(node) !== "object") continue;
    if (heap.target(node, "property", "constructor") === undefined) found.push(node);
  }
  return found;
}

function classOf(heap: HeapSnapshot, instance: number): number | undefined {
  const prototype = heap.target(instance, "property", "__proto__");
  return prototype === undefined ? undefined : heap.target(prototype, "property", "constructor");
}

function locateUsers(heap: HeapSnapshot, ownerOf: OwnerOf): UsersAt {
  const users = new Map<number, string[]>();
  for (const [user, nodes] of canaryNodes(heap, ownerOf)) {
    for (const node of nodes) users.set(node, [...(users.get(node) ?? []), user]);
  }
  return users;
}

/** Down the import graph, never up, and not into the engine's or Node's own code. */
function ofItsOwnCode(heap: HeapSnapshot): Follow {
  return (edge, from) => {
    const name = heap.nameOf(edge.from);
    if (isGlobalObject(heap, edge.to)) return false;
    if (name.endsWith("SourceTextModule")) return heap.typeOf(edge.to) === "array";
    if (from.by !== undefined && heap.nameOf(from.by.from).endsWith("SourceTextModule")) {
      return heap.nameOf(edge.to) === "system / Cell";
    }
    return heap.typeOf(edge.to) !== "closure" || isApplicationCode(scriptOf(heap, edge.to));
  };
}

function ofItsData(heap: HeapSnapshot, scripts: ReadonlySet<string>): Follow {
  return ({ to }) => {
    if (isGlobalObject(heap, to) || isModuleContext(heap, to)) return false;
    if (heap.typeOf(to) !== "closure") return true;
    const script = scriptOf(heap, to);
    return script !== undefined && scripts.has(script);
  };
}

function isApplicationCode(script: string | undefined): boolean {
  return script !== undefined && !script.startsWith("node:");
}

function scriptsIn(heap: HeapSnapshot, visits: ReadonlyMap<number, Visit>): ReadonlySet<string> {
  const scripts = new Set<string>();
  for (const { node } of visits.values()) {
    const script = heap.typeOf(node) === "closure" ? scriptOf(heap, node) : undefined;
    if (script !== undefined) scripts.add(script);
  }
  return scripts;
}

function usersIn(visits: ReadonlyMap<number, Visit>, usersAt: UsersAt): readonly string[] {
  const users = new Set<string>();
  for (const [node, owners] of usersAt) {
    if (visits.has(node)) for (const owner of owners) users.add(owner);
  }
  return [...users].sort();
}

/** Groups what a class reaches by the named place nearest to the class on the way. */
function holdersIn(
  heap: HeapSnapshot,
  visits: ReadonlyMap<number, Visit>,
  usersAt: UsersAt,
): readonly Holder[] {
  const found = new Map<string, { place: NamedPlace; users: Set<string>; path: HeapEdge[] }>();
  for (const [node, owners] of usersAt) {
    if (!visits.has(node)) continue;
    const path = pathTo(visits, node);
    const last = path.findLastIndex((edge) => namePlace(heap, edge) !== undefined);
    const place = last === -1 ? undefined : namePlace(heap, path[last] as HeapEdge);
    if (place === undefined) continue;
    const key = `${place.variable} ${place.script ?? ""}`;
    const entry = found.get(key) ?? { place, users: new Set(), path: path.slice(last) };
    for (const owner of owners) entry.users.add(owner);
    found.set(key, entry);
  }
  const holders = [...found.values()].map((entry) => toHolder(heap, entry));
  return holders.sort((a, b) => b.users - a.users);
}

/** The places nearest to an instance that other instances reach as well and that hold several users. */
function sharedAmong(
  heap: HeapSnapshot,
  className: string,
  reaches: readonly ReadonlyMap<number, Visit>[],
  usersAt: UsersAt,
): readonly Holder[] {
  const [first, ...others] = reaches.slice(0, COMPARED_INSTANCES);
  if (first === undefined || others.length === 0 || usersIn(first, usersAt).length < 2) return [];
  for (const { node, by } of first.values()) {
    if (by === undefined || heap.typeOf(node) !== "object") continue;
    if (!others.some((reach) => reach.has(node))) continue;
    const users = usersIn(
      reachFrom(heap, [node], () => true),
      usersAt,
    ).length;
    if (users < 2) continue;
    const path = pathTo(first, node);
    const [step] = path.filter(({ kind }) => kind === "property" || kind === "context");
    const owner = classOf(heap, [...first.keys()][0] as number);
    const script = owner === undefined ? undefined : scriptOf(heap, owner);
    const variable = `${className}.${step?.name ?? "(unnamed)"}`;
    const position = script === undefined ? {} : locate(script, variable);
    return [{ kind: "instance", variable, users, path: pathText(heap, path), ...position }];
  }
  return [];
}
