import type { Holder } from "../../finding.ts";
import { canaryNodes, type OwnerOf } from "./canary-nodes.ts";
import type { NamedPlace } from "./named-place.ts";
import { pathText } from "./path-text.ts";
import type { HeapEdge, HeapSnapshot } from "./snapshot.ts";
import { locate } from "./source-position.ts";
import { type Placed, placesAbove, type Within } from "./upward.ts";

export interface HoldersOptions {
  readonly ownerOf: OwnerOf;
  /** Places that hold data of fewer users are left out. */
  readonly minUsers: number;
  /** Only ways through these nodes count. Default: through any. */
  readonly within?: Within;
}

/** A place that holds users' data. */
export interface DataHolder extends Holder {
  /**
   * All that is known is that texts of users stay in memory because parts of them are held here:
   * a snapshot doesn't say which parts.
   */
  readonly onlyRetains?: true;
}

/**
 * Walks backwards from every canary to the first variable, static field, export or global that it
 * hangs on, and answers those on which canaries of at least `minUsers` users hang: the application's
 * own first, then those of most users. A variable of a closure counts only if nothing better does.
 */
export function findHolders(heap: HeapSnapshot, options: HoldersOptions): DataHolder[] {
  const all = findOccupied(heap, options);
  const shared = new Map([...all].filter(([, { users }]) => users.size >= options.minUsers));
  const named = [...shared.values()].filter(({ place }) => place.kind !== "closure variable");
  const best = named.length > 0 ? named : innermost(shared);
  const holders = best.map((occupied) => toHolder(heap, occupied, occupied.users.size));
  return holders.sort((a, b) => weight(b) - weight(a));
}

/** A place, and whose canaries hang on it. */
export interface Occupied extends Placed {
  readonly users: ReadonlySet<string>;
}

/** By what tells places apart, every place on which canaries hang. */
export function findOccupied(
  heap: HeapSnapshot,
  { ownerOf, within }: Pick<HoldersOptions, "ownerOf" | "within">,
): ReadonlyMap<string, Occupied> {
  const found = new Map<string, Occupied & { readonly users: Set<string> }>();
  for (const [user, nodes] of canaryNodes(heap, ownerOf)) {
    for (const { place, path } of placesAbove(heap, nodes, within)) {
      const key = keyOf(place, path[0]);
      const known = found.get(key);
      const users = (known?.users ?? new Set()).add(user);
      found.set(key, { place, users, path: better(heap, known?.path ?? path, path) });
    }
  }
  return found;
}

/** Where the program keeps an object that holds data of `users`: the nearest named places above it. */
export function findKeepers(heap: HeapSnapshot, node: number, users: readonly string[]): Holder[] {
  return findPlaces(heap, [node], users.length);
}

/** The places on which at least half of some objects hang that stand for `users` users. */
export function findPlaces(heap: HeapSnapshot, nodes: readonly number[], users: number): Holder[] {
  const found = new Map<string, Placed & { readonly below: Set<number> }>();
  for (const node of nodes) {
    for (const { place, path } of placesAbove(heap, [node])) {
      const key = keyOf(place, path[0]);
      const known = found.get(key) ?? { place, path, below: new Set() };
      found.set(key, known);
      known.below.add(node);
    }
  }
  const common = [...found.values()].filter(({ below }) => below.size * 2 >= nodes.length);
  const named = common.filter(({ place }) => place.kind !== "closure variable");
  const best = named.length > 0 ? named : common;
  return best.map((placed) => toHolder(heap, placed, users)).sort((a, b) => weight(b) - weight(a));
}

/** Each call of a function has closure variables of its own; all else there is once in a program. */
function keyOf(place: NamedPlace, edge: HeapEdge | undefined): string {
  if (place.kind === "closure variable") return `closure ${place.variable} ${edge?.from}`;
  return `${place.kind} ${place.variable} ${place.script ?? ""}`;
}

/** Functions lead to functions: of closure variables on one way only the nearest to the data counts. */
function innermost(shared: ReadonlyMap<string, Occupied>): Occupied[] {
  return [...shared.values()].filter(({ path }) =>
    path.slice(1).every(({ kind, name, from }) => {
      return kind !== "context" || !shared.has(`closure ${name} ${from}`);
    }),
  );
}

/** Turns a place into what the report shows, with the line where it is declared. */
export function toHolder(heap: HeapSnapshot, { place, path }: Placed, users: number): DataHolder {
  const { kind, variable, script } = place;
  const position = script === undefined ? undefined : locate(script, variable, kind);
  const way = pathText(heap, path);
  // The slot of an export has no name of its own.
  const isNamed = kind !== "export" || path[0]?.kind === "property";
  return {
    kind,
    variable,
    users,
    path: isNamed ? way : `${variable} → ${way}`,
    ...position,
    ...(endsInSlice(heap, path) ? { onlyRetains: true } : {}),
  };
}

/** Of two ways to a place, one that leads to a readable text. */
function better(
  heap: HeapSnapshot,
  known: readonly HeapEdge[],
  path: readonly HeapEdge[],
): readonly HeapEdge[] {
  return endsInSlice(heap, known) && !endsInSlice(heap, path) ? path : known;
}

function endsInSlice(heap: HeapSnapshot, path: readonly HeapEdge[]): boolean {
  return path.some(({ from }) => heap.typeOf(from) === "sliced string");
}

function weight({ users, file, kind, onlyRetains }: DataHolder): number {
  const isForeign = file?.includes("node_modules") === true ? 1_000_000 : 0;
  const isNamed = kind === "closure variable" ? 0 : 0.5;
  return users - isForeign + isNamed - (onlyRetains === true ? 0.25 : 0);
}
