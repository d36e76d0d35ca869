import type { Holder } from "../../finding.ts";
import type { OwnerOf } from "./canary-nodes.ts";
import { findOccupied, toHolder } from "./holders.ts";
import type { HeapEdge, HeapSnapshot } from "./snapshot.ts";

/** A single value of the program that held some users' data when a snapshot was taken. */
export interface OccupiedSlot {
  /** The place and the way from it down to the value, without what changes with the value. */
  readonly slot: string;
  readonly holder: Holder;
  readonly users: readonly string[];
}

/**
 * Answers which variables, static fields, exports and globals of the program hold users' data as a
 * single value: `let current`, `state.user`. A Map, Set or Array on the way has a place for everybody
 * and is no slot; nor is a variable of a function, which each call has for itself; nor is anything of
 * the engine or the event loop, such as the last match of a RegExp.
 */
export function findOccupiedSlots(
  heap: HeapSnapshot,
  { ownerOf }: { readonly ownerOf: OwnerOf },
): readonly OccupiedSlot[] {
  const slots: OccupiedSlot[] = [];
  for (const [key, occupied] of findOccupied(heap, { ownerOf })) {
    const { place, path, users } = occupied;
    if (place.kind === "closure variable" || path.slice(1).some(isOneOfMany)) continue;
    const names = path.slice(1).flatMap(({ kind, name }) => (kind === "property" ? name : []));
    const holder = toHolder(heap, occupied, users.size);
    slots.push({ slot: [key, ...names].join(" "), holder, users: [...users] });
  }
  return slots;
}

/**
 * Answers the slots that held data of different users in snapshots that were taken one after another:
 * one place for all, though it was never seen with two at once. `users` counts them all.
 */
export function findReusedSlots(
  snapshots: readonly (readonly OccupiedSlot[])[],
): readonly Holder[] {
  const bySlot = new Map<string, { readonly holder: Holder; readonly users: Set<string> }>();
  for (const { slot, holder, users } of snapshots.flat()) {
    const known = bySlot.get(slot) ?? { holder, users: new Set() };
    for (const user of users) known.users.add(user);
    bySlot.set(slot, known);
  }
  return [...bySlot.values()]
    .filter(({ users }) => users.size >= 2)
    .map(({ holder, users }) => ({ ...holder, users: users.size }))
    .sort((a, b) => b.users - a.users);
}

/** An element, or an entry of a hash table: others of its kind stand beside it. */
function isOneOfMany({ kind, name }: HeapEdge): boolean {
  return (
    kind === "element" || kind === "hidden" || (kind === "internal" && /^(table|\d+)$/.test(name))
  );
}
