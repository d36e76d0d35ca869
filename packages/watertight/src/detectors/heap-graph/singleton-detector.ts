import type { Holder } from "../../finding.ts";
import { canaryNodes, type OwnerOf } from "./canary-nodes.ts";
import { findHolders, findKeepers } from "./holders.ts";
import { findInstances } from "./instances.ts";
import {
  classOf,
  isGlobalName,
  isGlobalObject,
  isModuleContext,
  Scripts,
  scriptOf,
} from "./named-place.ts";
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

/** What an instance of a correct program reaches is far less. */
const MAX_VISITS_FROM_INSTANCE = 1_000_000;
/** So many shared places are looked at for data of several users. */
const MAX_SHARED_PLACES = 256;

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
    const within = reachFrom(heap, classes, { follow: ofItsOwnCode(heap) });
    const follow = ofItsData(heap, scriptsIn(heap, within));
    // One reach at a time: together they would be larger than the snapshot.
    const usersPerInstance = instances.map((node) =>
      usersIn(
        reachFrom(heap, [node], { follow, maxVisits: MAX_VISITS_FROM_INSTANCE }),
        this.#usersAt,
      ),
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
  const { nodeName, nodeType, nodeTypes } = heap.columns;
  const modules = heap.names(isModuleName);
  const cells = heap.names(isCellName);
  const globals = heap.names(isGlobalName);
  const tables = tablesOfModules(heap);
  const [array, closure, string] = ["array", "closure", "string"].map((type) =>
    nodeTypes.indexOf(type),
  );
  const scripts = new Scripts(heap);
  return (to, from) => {
    if (tables.has(from)) return cells.has(nodeName[to] as number);
    // The name of a string is its text: reading them all takes longer than the walk.
    if (nodeType[to] === string) return true;
    if (modules.has(nodeName[from] as number)) return nodeType[to] === array;
    if (nodeType[to] === closure) return isApplicationCode(scripts.of(to));
    return !globals.has(nodeName[to] as number) || !isGlobalObject(heap, to);
  };
}

/** What modules export, import and ask for stands in tables of theirs. */
function tablesOfModules(heap: HeapSnapshot): ReadonlySet<number> {
  const { nodeName, nodeType, nodeTypes } = heap.columns;
  const modules = heap.names(isModuleName);
  const string = nodeTypes.indexOf("string");
  const tables = new Set<number>();
  for (let node = 0; node < nodeName.length; node += 1) {
    if (nodeType[node] === string || !modules.has(nodeName[node] as number)) continue;
    for (const { to } of heap.edgesFrom(node)) if (heap.typeOf(to) === "array") tables.add(to);
  }
  return tables;
}

function isModuleName(name: string): boolean {
  return /^system \/ .*SourceTextModule$/.test(name);
}

function isCellName(name: string): boolean {
  return name === "system / Cell";
}

function ofItsData(heap: HeapSnapshot, own: ReadonlySet<string>): Follow {
  const scripts = new Scripts(heap);
  return (to) => {
    if (isGlobalObject(heap, to) || isModuleContext(heap, to)) return false;
    if (heap.typeOf(to) !== "closure") return true;
    const script = scripts.of(to);
    return script !== undefined && own.has(script);
  };
}

function isApplicationCode(script: string | undefined): boolean {
  return script !== undefined && !script.startsWith("node:");
}

function scriptsIn(heap: HeapSnapshot, reach: Reach): ReadonlySet<string> {
  const scripts = new Scripts(heap);
  const found = new Set<string>();
  for (const node of reach.nodes) {
    const script = heap.typeOf(node) === "closure" ? scripts.of(node) : undefined;
    if (script !== undefined) found.add(script);
  }
  return found;
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
  const most = Math.max(0, ...usersPerInstance.map(({ length }) => length));
  const crowded = instances[usersPerInstance.findIndex(({ length }) => length === most)];
  if (most < 2 || crowded === undefined || instances.length < 2) return [];
  const reachOf = (node: number): Reach =>
    reachFrom(heap, [node], { follow, maxVisits: MAX_VISITS_FROM_INSTANCE });
  const reach = reachOf(crowded);
  const rest = instances.filter((node) => node !== crowded);
  const others = reachFrom(heap, rest, { follow });
  const leading = leadingTo(heap, reach, [...usersAt.keys()]);
  let looks = 0;
  for (const node of reach.nodes) {
    if (node === crowded || heap.typeOf(node) !== "object") continue;
    if (!others.has(node) || !leading.has(node)) continue;
    const users = usersIn(reachOf(node), usersAt).length;
    if (users >= 2) return [toSharedPlace(heap, className, { path: reach.pathTo(node), users })];
    looks += 1;
    if (looks === MAX_SHARED_PLACES) break;
  }
  return [];
}

/** The nodes of a reach from which some of the given nodes may be reached. */
function leadingTo(
  heap: HeapSnapshot,
  reach: Reach,
  nodes: readonly number[],
): ReadonlySet<number> {
  const { first, edges } = heap.retainers();
  const leading = new Set(nodes.filter(reach.has));
  for (const node of leading) {
    for (let place = first[node] as number; place < (first[node + 1] as number); place += 1) {
      const from = heap.sourceOf(edges[place] as number);
      if (reach.has(from)) leading.add(from);
    }
  }
  return leading;
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
