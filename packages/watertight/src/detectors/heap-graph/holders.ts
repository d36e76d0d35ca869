import type { Holder } from "../../finding.ts";
import { isGlobalObject, type NamedPlace, namePlace } from "./named-place.ts";
import { pathText } from "./path-text.ts";
import { isLoopObject } from "./reach.ts";
import type { HeapEdge, HeapSnapshot } from "./snapshot.ts";
import { locate } from "./source-position.ts";

/** Says whose canary a token is, by name; `undefined` for one that nobody owns or that may stay. */
export type OwnerOf = (token: string) => string | undefined;

export interface HoldersOptions {
  readonly ownerOf: OwnerOf;
  /** Places that hold data of fewer users are left out. */
  readonly minUsers: number;
}

interface Found {
  readonly place: NamedPlace;
  readonly users: Set<string>;
  readonly path: readonly HeapEdge[];
}

const MAX_VISITS_PER_USER = 50_000;
const NOT_UPWARD: ReadonlySet<string> = Object.freeze(
  new Set(["prototype", "constructor", "__proto__", "back_pointer", "native_context"]),
);

/**
 * Walks backwards from every canary to the first variable, static field, export or global that it
 * hangs on, and answers those on which canaries of at least `minUsers` users hang: the application's
 * own first, then those of most users. A variable of a closure counts only if nothing better does.
 */
export function findHolders(heap: HeapSnapshot, options: HoldersOptions): Holder[] {
  const found = new Map<string, Found>();
  for (const [user, nodes] of canaryNodes(heap, options.ownerOf)) {
    for (const { place, path } of placesAbove(heap, nodes)) {
      const key = `${place.kind} ${place.variable} ${place.script ?? ""}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { place, users: new Set([user]), path });
      else known.users.add(user);
    }
  }
  const shared = [...found.values()].filter(({ users }) => users.size >= options.minUsers);
  const named = shared.filter(({ place }) => place.kind !== "closure variable");
  const holders = (named.length > 0 ? named : shared).map((entry) => toHolder(heap, entry));
  return holders.sort((a, b) => weight(b) - weight(a));
}

/** By user, the strings that hold the user's canaries. */
export function canaryNodes(heap: HeapSnapshot, ownerOf: OwnerOf): Map<string, number[]> {
  const nodes = new Map<string, number[]>();
  if (heap.strings.canaries.size === 0) return nodes;
  for (let node = 0; node < heap.nodeCount; node += 1) {
    const tokens = heap.canariesIn(node);
    if (tokens.length === 0 || !heap.typeOf(node).endsWith("string")) continue;
    for (const user of new Set(tokens.map(ownerOf))) {
      if (user !== undefined) nodes.set(user, [...(nodes.get(user) ?? []), node]);
    }
  }
  return nodes;
}

/** Turns a place into what the report shows, with the line where it is declared. */
export function toHolder(heap: HeapSnapshot, { place, users, path }: Found): Holder {
  const position = place.script === undefined ? undefined : locate(place.script, place.variable);
  return {
    kind: place.kind,
    variable: place.variable,
    users: users.size,
    path: pathText(heap, path),
    ...position,
  };
}

interface Placed {
  readonly place: NamedPlace;
  readonly path: readonly HeapEdge[];
}

function placesAbove(heap: HeapSnapshot, nodes: readonly number[]): Placed[] {
  const seen = new Map<number, HeapEdge | undefined>(nodes.map((node) => [node, undefined]));
  const places: Placed[] = [];
  for (const node of seen.keys()) {
    if (seen.size > MAX_VISITS_PER_USER) break;
    for (const edge of heap.edgesTo(node)) {
      if (!isUpward(heap, edge)) continue;
      const place = namePlace(heap, edge);
      if (place !== undefined && !isInternal(place))
        places.push({ place, path: downFrom(seen, edge) });
      const goesOn = place === undefined || place.kind === "closure variable";
      if (goesOn && !seen.has(edge.from)) seen.set(edge.from, edge);
    }
  }
  return places;
}

function isUpward(heap: HeapSnapshot, { kind, name, from, to }: HeapEdge): boolean {
  if (NOT_UPWARD.has(name) && kind !== "context") return false;
  const type = heap.typeOf(from);
  if (type === "code" || type === "synthetic" || name === "extension") return false;
  if (isLoopObject(heap, from)) return false;
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
