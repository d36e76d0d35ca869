import type { Holder } from "../../finding.ts";
import { isGlobalObject, type NamedPlace, namePlace } from "./named-place.ts";
import { pathText } from "./path-text.ts";
import { isHeldByKey, isLoopObject } from "./reach.ts";
import type { HeapEdge, HeapSnapshot } from "./snapshot.ts";
import { locate } from "./source-position.ts";

/** Says whose canary a token is, by name; `undefined` for one that nobody owns or that may stay. */
export type OwnerOf = (token: string) => string | undefined;

export interface HoldersOptions {
  readonly ownerOf: OwnerOf;
  /** Places that hold data of fewer users are left out. */
  readonly minUsers: number;
  /** Only ways through these nodes count. Default: through any. */
  readonly within?: Pick<ReadonlySet<number>, "has">;
}

interface Found {
  readonly place: NamedPlace;
  readonly users: ReadonlySet<string>;
  readonly path: readonly HeapEdge[];
}

const MAX_VISITS_PER_USER = 50_000;
const NOT_UPWARD: readonly string[] = Object.freeze([
  "prototype",
  "constructor",
  "__proto__",
  "back_pointer",
  "native_context",
]);

/**
 * Walks backwards from every canary to the first variable, static field, export or global that it
 * hangs on, and answers those on which canaries of at least `minUsers` users hang: the application's
 * own first, then those of most users. A variable of a closure counts only if nothing better does.
 */
export function findHolders(heap: HeapSnapshot, options: HoldersOptions): Holder[] {
  const found = new Map<string, Found & { readonly users: Set<string> }>();
  for (const [user, nodes] of canaryNodes(heap, options.ownerOf)) {
    for (const { place, path } of placesAbove(heap, nodes, options.within)) {
      const key = keyOf(place, path[0]);
      const known = found.get(key);
      if (known === undefined) found.set(key, { place, users: new Set([user]), path });
      else known.users.add(user);
    }
  }
  const shared = new Map([...found].filter(([, { users }]) => users.size >= options.minUsers));
  const named = [...shared.values()].filter(({ place }) => place.kind !== "closure variable");
  const best = named.length > 0 ? named : innermost(shared);
  return best.map((entry) => toHolder(heap, entry)).sort((a, b) => weight(b) - weight(a));
}

/** Where the program keeps an object that holds data of `users`: the nearest named places above it. */
export function findKeepers(heap: HeapSnapshot, node: number, users: readonly string[]): Holder[] {
  const places = placesAbove(heap, [node], undefined);
  const named = places.filter(({ place }) => place.kind !== "closure variable");
  const best = named.length > 0 ? named : places;
  return best.map((placed) => toHolder(heap, { ...placed, users: new Set(users) }));
}

/** Each call of a function has closure variables of its own; all else there is once in a program. */
function keyOf(place: NamedPlace, edge: HeapEdge | undefined): string {
  if (place.kind === "closure variable") return `closure ${place.variable} ${edge?.from}`;
  return `${place.kind} ${place.variable} ${place.script ?? ""}`;
}

/** Functions lead to functions: of closure variables on one way only the nearest to the data counts. */
function innermost(shared: ReadonlyMap<string, Found>): Found[] {
  return [...shared.values()].filter(({ path }) =>
    path.slice(1).every(({ kind, name, from }) => {
      return kind !== "context" || !shared.has(`closure ${name} ${from}`);
    }),
  );
}

/** By user, the strings that hold the user's canaries. */
export function canaryNodes(heap: HeapSnapshot, ownerOf: OwnerOf): Map<string, number[]> {
  const nodes = new Map<string, number[]>();
  if (heap.strings.canaries.size === 0) return nodes;
  for (let node = 0; node < heap.nodeCount; node += 1) {
    const tokens = heap.canariesIn(node);
    if (tokens.length === 0 || !heap.typeOf(node).endsWith("string")) continue;
    for (const user of new Set(tokens.map(ownerOf))) {
      if (user === undefined) continue;
      const known = nodes.get(user);
      if (known === undefined) nodes.set(user, [node]);
      else known.push(node);
    }
  }
  return nodes;
}

/** Turns a place into what the report shows, with the line where it is declared. */
function toHolder(heap: HeapSnapshot, { place, users, path }: Found): Holder {
  const { kind, variable, script } = place;
  const position = script === undefined ? undefined : locate(script, variable, kind);
  const way = pathText(heap, path);
  // The slot of an export has no name of its own.
  const isNamed = kind !== "export" || path[0]?.kind === "property";
  return {
    kind,
    variable,
    users: users.size,
    path: isNamed ? way : `${variable} → ${way}`,
    ...position,
  };
}

interface Placed {
  readonly place: NamedPlace;
  readonly path: readonly HeapEdge[];
}

function placesAbove(
  heap: HeapSnapshot,
  nodes: readonly number[],
  within: HoldersOptions["within"],
): Placed[] {
  const seen = new Map<number, HeapEdge | undefined>(nodes.map((node) => [node, undefined]));
  const places: Placed[] = [];
  for (const node of seen.keys()) {
    if (seen.size > MAX_VISITS_PER_USER) break;
    for (const edge of heap.edgesTo(node)) {
      if (within?.has(edge.from) === false || !isUpward(heap, edge)) continue;
      const place = namePlace(heap, edge);
      if (place !== undefined && !isInternal(place)) {
        places.push(exportedPart({ place, path: downFrom(seen, edge) }));
      }
      const goesOn = place === undefined || place.kind === "closure variable";
      if (goesOn && !seen.has(edge.from)) seen.set(edge.from, edge);
    }
  }
  return places;
}

/** Of all that a CommonJS module exports, the part that the way goes through. */
function exportedPart({ place, path }: Placed): Placed {
  const [, part] = path;
  if (place.variable !== "exports" || part?.kind !== "property") return { place, path };
  return { place: { ...place, kind: "export", variable: part.name }, path: path.slice(1) };
}

function isUpward(heap: HeapSnapshot, edge: HeapEdge): boolean {
  const { kind, name, from, to } = edge;
  if (NOT_UPWARD.includes(name) && kind !== "context") return false;
  if (isHeldByKey(heap, edge)) return false;
  const type = heap.typeOf(from);
  if (type === "code" || type === "synthetic" || name === "extension") return false;
  if (isLoopObject(heap, from)) return namePlace(heap, edge) !== undefined;
  // A function holds what it closes over, and its statics; that it has methods holds nothing.
  if (type === "closure") return name === "context" || isStaticData(heap, kind, to);
  if (isGlobalObject(heap, from)) return kind === "property";
  // Of what refers to a hidden class only objects of that class count, not its relatives.
  return type !== "object shape" || name === "descriptors" || kind === "internal";
}

function isStaticData(heap: HeapSnapshot, kind: string, to: number): boolean {
  return kind === "property" && heap.typeOf(to) !== "closure";
}

function isInternal({ script }: NamedPlace): boolean {
  return script?.startsWith("node:") === true;
}

/** The way from a named place down to the canary. */
function downFrom(seen: ReadonlyMap<number, HeapEdge | undefined>, edge: HeapEdge): HeapEdge[] {
  const path = [edge];
  let next = seen.get(edge.to);
  while (next !== undefined) {
    path.push(next);
    next = seen.get(next.to);
  }
  return path;
}

function weight({ users, file, kind }: Holder): number {
  const isForeign = file?.includes("node_modules") === true ? 1_000_000 : 0;
  return users - isForeign + (kind === "closure variable" ? 0 : 0.5);
}
