import type { Holder } from "../../finding.ts";
import { canaryNodes, findHolders, findKeepers, type OwnerOf } from "./holders.ts";
import { findInstances } from "./instances.ts";
import { classOf, isGlobalObject, isModuleContext, scriptOf } from "./named-place.ts";
import { pathText } from "./path-text.ts";
import { type Follow, type Reach, reachFrom } from "./reach.ts";
import type { HeapEdge, HeapSnapshot } from "./snapshot.ts";
import { locate, mayTouch } from "./source-position.ts";

/** What the heap says of one class. */
export interface SingletonEvidence {
  readonly instances: number;
  /** For each instance, the users whose canaries can be reached from it. */
  readonly usersPerInstance: readonly (readonly string[])[];
  /** Where the instance is kept that holds data of the most users. */
  readonly keepers: readonly Holder[];
  /** Variables of the class's own code (statics, its module, what it imports) that hold users' data. */
  readonly staticHolders: readonly Holder[];
  /** The nearest places that several instances share and that hold data of several users. */
  readonly sharedState: readonly Holder[];
}

type UsersAt = ReadonlyMap<number, readonly string[]>;

/** The instances of a class, what they may reach, and whose canaries are where. */
interface Population {
  readonly className: string;
  readonly instances: readonly number[];
  readonly usersPerInstance: readonly (readonly string[])[];
  readonly follow: Follow;
  readonly usersAt: UsersAt;
}

/** Comparing every pair of a thousand instances would tell no more than comparing these. */
const COMPARED_INSTANCES = 16;
/** Of a broken program the class reaches everything; a Map has room for 16 million. */
const MAX_VISITS_FROM_CLASS = 10_000_000;

/**
 * Judges how classes of components are made, by what their instances and their own code can reach in
 * one snapshot.
 *
 * The reach of the *class* is what its methods could touch without being given anything: its statics,
 * the variables of its module, what it imports. In a correct program no user's data is there. The
 * reach of an *instance* is its data. It ends at module variables (they belong to the class's reach),
 * at functions that were handed in from elsewhere, and at the objects of the event loop.
 */
export class SingletonDetector {
  readonly #heap: HeapSnapshot;
  readonly #ownerOf: OwnerOf;
  readonly #usersAt: UsersAt;

  constructor(heap: HeapSnapshot, ownerOf: OwnerOf) {
    this.#heap = heap;
    this.#ownerOf = ownerOf;
    this.#usersAt = locateUsers(heap, ownerOf);
  }

  /** What the snapshot says of the class of that name, for example `WebSocketManager`. */
  detect(className: string): SingletonEvidence {
    const heap = this.#heap;
    const instances = findInstances(heap, className);
    const classes = [...new Set(instances.flatMap((node) => classOf(heap, node) ?? []))];
    const within = reachFrom(heap, classes, {
      follow: ofItsOwnCode(heap),
      maxVisits: MAX_VISITS_FROM_CLASS,
    });
    const follow = ofItsData(heap, scriptsIn(heap, within));
    // One reach at a time: together they would be larger than the snapshot.
    const usersPerInstance = instances.map((node) =>
      usersIn(reachFrom(heap, [node], { follow }), this.#usersAt),
    );
    const population = { className, instances, usersPerInstance, follow, usersAt: this.#usersAt };
    const holders = findHolders(heap, { ownerOf: this.#ownerOf, minUsers: 1, within });
    return {
      instances: instances.length,
      usersPerInstance,
      keepers: keepersOf(heap, population),
      staticHolders: holders.filter((holder) => isOfTheClass(heap, classes, { className, holder })),
      sharedState: sharedAmong(heap, population),
    };
  }
}

/** A context keeps all variables of a module, also those that the class beside them never names. */
function isOfTheClass(
  heap: HeapSnapshot,
  classes: readonly number[],
  { className, holder }: { readonly className: string; readonly holder: Holder },
): boolean {
  if (holder.kind !== "module variable") return true;
  const scripts = classes.flatMap((node) => scriptOf(heap, node) ?? []);
  return scripts.every((script) => mayTouch(script, className, holder));
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
  return (edge, before) => {
    if (isGlobalObject(heap, edge.to)) return false;
    if (isModule(heap, edge.from)) return heap.typeOf(edge.to) === "array";
    if (before !== undefined && isModule(heap, before.from)) {
      return heap.nameOf(edge.to) === "system / Cell";
    }
    return heap.typeOf(edge.to) !== "closure" || isApplicationCode(scriptOf(heap, edge.to));
  };
}

function isModule(heap: HeapSnapshot, node: number): boolean {
  return heap.nameOf(node).endsWith("SourceTextModule");
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

function scriptsIn(heap: HeapSnapshot, reach: Reach): ReadonlySet<string> {
  const scripts = new Set<string>();
  for (const node of reach.nodes()) {
    const script = heap.typeOf(node) === "closure" ? scriptOf(heap, node) : undefined;
    if (script !== undefined) scripts.add(script);
  }
  return scripts;
}

function usersIn(reach: Reach, usersAt: UsersAt): readonly string[] {
  const users = new Set<string>();
  for (const [node, owners] of usersAt) {
    if (reach.has(node)) for (const owner of owners) users.add(owner);
  }
  return [...users].sort();
}

/**
 * The place nearest to an instance that other instances reach as well and that holds several users;
 * seen from the instance that reaches most of them.
 */
function sharedAmong(heap: HeapSnapshot, population: Population): readonly Holder[] {
  const { className, instances, usersPerInstance, follow, usersAt } = population;
  const reachOf = (node: number): Reach => reachFrom(heap, [node], { follow });
  const most = Math.max(0, ...usersPerInstance.map(({ length }) => length));
  const crowded = instances[usersPerInstance.findIndex(({ length }) => length === most)];
  if (most < 2 || crowded === undefined) return [];
  const reach = reachOf(crowded);
  const others = instances.filter((node) => node !== crowded).slice(0, COMPARED_INSTANCES);
  const reachesOfOthers = others.map(reachOf);
  for (const node of reach.nodes()) {
    if (node === crowded || heap.typeOf(node) !== "object") continue;
    if (!reachesOfOthers.some((other) => other.has(node))) continue;
    const users = usersIn(reachOf(node), usersAt).length;
    if (users >= 2) return [toSharedPlace(heap, className, { path: reach.pathTo(node), users })];
  }
  return [];
}

function keepersOf(heap: HeapSnapshot, { instances, usersPerInstance }: Population): Holder[] {
  const [largest] = usersPerInstance.toSorted((a, b) => b.length - a.length);
  const node = largest === undefined ? undefined : instances[usersPerInstance.indexOf(largest)];
  return node === undefined ? [] : findKeepers(heap, node, largest ?? []);
}

function toSharedPlace(
  heap: HeapSnapshot,
  className: string,
  { path, users }: { readonly path: readonly HeapEdge[]; readonly users: number },
): Holder {
  const step = path.find(({ kind }) => kind === "property" || kind === "context");
  const owner = path[0] === undefined ? undefined : classOf(heap, path[0].from);
  const script = owner === undefined ? undefined : scriptOf(heap, owner);
  const variable = `${className}.${step?.name ?? "(unnamed)"}`;
  const position = script === undefined ? {} : locate(script, variable, "instance");
  return { kind: "instance", variable, users, path: pathText(heap, path), ...position };
}
