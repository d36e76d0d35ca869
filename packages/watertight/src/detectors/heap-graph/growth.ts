import { fileURLToPath } from "node:url";
import type { Holder } from "../../finding.ts";
import { findPlaces } from "./holders.ts";
import { classOf, isOwnScript, scriptOf } from "./named-place.ts";
import type { HeapSnapshot } from "./snapshot.ts";
import {
  assertComparable,
  classKey,
  isCounted,
  type HeapSummary,
  tallyClasses,
} from "./summary.ts";
import { type Table, TableEntries, type TableKind } from "./table-entries.ts";

/** What happened between two snapshots. */
export interface GrowthOptions {
  /** How many users came and left in between; what grows with them, grows by so many. */
  readonly perUser: number;
}

/** A class of which more objects were left behind than one could explain. */
export interface GrownClass {
  /** The constructor or function, `(anonymous)` for a function without a name. */
  readonly name: string;
  readonly kind: "object" | "closure" | "listener" | "timer" | "buffer" | "text";
  /** Written in the application itself, not in a package, Node or the engine. */
  readonly isOwn: boolean;
  /** The script in which the class or function was written, if one knows. */
  readonly file?: string;
  readonly before: number;
  readonly after: number;
  /** Objects left behind by each user. */
  readonly perUser: number;
  /** Bytes of these objects alone, for each user. */
  readonly bytesPerUser: number;
  /** Where most of those that were looked at are held. */
  readonly holders: readonly Holder[];
}

/** A table that got an entry for each user and kept it. */
export interface GrownTable {
  readonly kind: TableKind;
  readonly before: number;
  readonly after: number;
  /** The variable and, in its path, the way to the table. `users` says how many left an entry. */
  readonly holders: readonly Holder[];
}

/** Some users may have left without a trace: a tenth of them is no reason to be silent. */
const LEAST_PER_USER = 0.9;
const LOOKED_AT = 8;
const NAMESPACE = "Module";
const MAX_NAMED_CLASSES = 40;
const MAX_NAMED_TABLES = 40;
const TIMERS: readonly string[] = Object.freeze(["Timeout", "Immediate"]);
const BUFFERS =
  /^(Buffer|FastBuffer|(Shared)?ArrayBuffer|DataView|(Big)?(Ui|I)nt\d+(Clamped)?Array|Float\d+Array)$/;
/** Where Node keeps the listeners of an emitter, and what the web calls one. */
const LISTENER_STEPS = /(^|→ )(_events|kEvents|Listener)( →|$)/;

/**
 * Compares a snapshot with what is remembered of an earlier one of the same process, and answers the
 * classes that grew with the users who came and left: the application's own first, then what it can
 * do something about, then by size. Each with the place that holds what is new.
 */
export function findGrowth(
  before: HeapSummary,
  after: HeapSnapshot,
  { perUser: users }: GrowthOptions,
): readonly GrownClass[] {
  assertComparable(before, after);
  const grown = new Map<string, Grown>();
  for (const [key, { count, bytes }] of tallyClasses(after)) {
    const known = before.classes.get(key) ?? { count: 0, bytes: 0 };
    if (count - known.count < LEAST_PER_USER * users) continue;
    grown.set(key, { key, before: known.count, after: count, bytes: bytes - known.bytes });
  }
  return withYoung(after, before.lastId, grown)
    .sort((a, b) => Number(b.isOwn) - Number(a.isOwn) || b.bytes - a.bytes)
    .slice(0, MAX_NAMED_CLASSES)
    .map((one) => describe(after, one, users))
    .sort((a, b) => rank(b) - rank(a) || b.bytesPerUser - a.bytesPerUser);
}

interface Grown {
  readonly key: string;
  readonly before: number;
  readonly after: number;
  readonly bytes: number;
}

/** A class that grew, with those of its objects that are younger than a snapshot. */
interface GrownByYoung extends Grown {
  readonly young: readonly number[];
  readonly script: string | undefined;
  readonly isOwn: boolean;
}

function withYoung(
  heap: HeapSnapshot,
  lastId: number,
  grown: ReadonlyMap<string, Grown>,
): GrownByYoung[] {
  const { nodeId } = heap.columns;
  const young = new Map<string, number[]>([...grown.keys()].map((key) => [key, []]));
  for (let node = 0; node < nodeId.length; node += 1) {
    if ((nodeId[node] as number) <= lastId || !isCounted(heap.typeOf(node))) continue;
    young.get(classKey(heap.typeOf(node), heap.nameOf(node)))?.push(node);
  }
  return [...grown].flatMap(([key, one]) => {
    const nodes = young.get(key) ?? [];
    if (nodes[0] === undefined) return [];
    const script = scriptBehind(heap, nodes[0]);
    return { ...one, young: nodes, script, isOwn: script !== undefined && isOwnScript(script) };
  });
}

function describe(heap: HeapSnapshot, grown: GrownByYoung, users: number): GrownClass {
  const { key, before, after, bytes, young, script, isOwn } = grown;
  const holders = findPlaces(heap, spreadOver(young), users);
  const name = key.slice(key.indexOf(" ") + 1);
  return {
    name: name === "" ? "(anonymous)" : name,
    kind: kindOf(heap, young[0] as number, holders),
    isOwn,
    ...(script === undefined ? {} : { file: toPath(script) }),
    before,
    after,
    perUser: (after - before) / users,
    bytesPerUser: bytes / users,
    holders,
  };
}

/** The script of a function, of an object's class, or of what a timer calls. */
function scriptBehind(heap: HeapSnapshot, node: number): string | undefined {
  if (heap.typeOf(node) === "closure") return scriptOf(heap, node);
  const called = TIMERS.includes(heap.nameOf(node))
    ? heap.target(node, "property", "_onTimeout", "_onImmediate")
    : classOf(heap, node);
  return called === undefined ? undefined : scriptOf(heap, called);
}

function kindOf(heap: HeapSnapshot, node: number, holders: readonly Holder[]): GrownClass["kind"] {
  const type = heap.typeOf(node);
  const name = heap.nameOf(node);
  if (type.endsWith("string")) return "text";
  if (type === "closure") {
    return holders.some(({ path }) => LISTENER_STEPS.test(path)) ? "listener" : "closure";
  }
  if (TIMERS.includes(name)) return "timer";
  return BUFFERS.test(name) ? "buffer" : "object";
}

/** A person can act on a class of the application; on an Array of the engine hardly. */
function rank({ isOwn, kind, holders }: GrownClass): number {
  const byKind = { object: 0, text: 0, closure: 1, buffer: 2, listener: 3, timer: 3 };
  return (isOwn ? 8 : 0) + byKind[kind] + (holders.length > 0 ? 0.5 : 0);
}

function spreadOver(nodes: readonly number[]): readonly number[] {
  const step = Math.max(1, Math.floor(nodes.length / LOOKED_AT));
  return nodes.filter((_, place) => place % step === 0).slice(0, LOOKED_AT);
}

function toPath(script: string): string {
  return script.startsWith("file:") ? fileURLToPath(script) : script;
}

/**
 * Answers the tables that hang on a named place and got about one entry for each user who came and
 * left: those of the application first, then the largest growth. A table that was replaced by a copy
 * counts by what is new in it.
 */
export function findGrownTables(
  before: HeapSummary,
  after: HeapSnapshot,
  { perUser: users }: GrowthOptions,
): readonly GrownTable[] {
  assertComparable(before, after);
  const grown: (Table & { readonly before: number })[] = [];
  new TableEntries(after).each((table) => {
    if (table.entries < LEAST_PER_USER * users) return;
    // The namespace of a module fills up as its exports are looked at for the first time.
    if (after.nameOf(table.node) === NAMESPACE) return;
    const known = entriesBefore(before, after, table);
    // A young table without anything old in it is no copy, but somebody's own.
    const isYoung = (after.columns.nodeId[table.node] as number) > before.lastId;
    if ((isYoung && known === 0) || table.entries - known < LEAST_PER_USER * users) return;
    grown.push({ ...table, before: known });
  });
  return grown
    .sort((a, b) => b.entries - b.before - (a.entries - a.before))
    .slice(0, MAX_NAMED_TABLES)
    .map(({ node, kind, entries, before: known }) => {
      const holders = findPlaces(after, [node], Math.min(users, entries - known));
      return { kind, before: known, after: entries, holders };
    })
    .filter(({ holders }) => holders.length > 0)
    .sort((a, b) => Number(isForeign(a)) - Number(isForeign(b)));
}

/**
 * How many entries a table had in an earlier snapshot. A young Array may be the copy of an older one:
 * what is older than it was there before. An object that was no table yet is judged by its keys.
 */
function entriesBefore(
  { lastId, entriesOf }: HeapSummary,
  heap: HeapSnapshot,
  { node, kind, entries }: Table,
): number {
  const id = heap.columns.nodeId[node] as number;
  if (id > lastId) return countOld(heap, node, { lastId, kind: "element" }).old;
  const known = entriesOf(id);
  const keys = kind === "object" ? heap.target(node, "internal", "properties") : undefined;
  if (known > 0 || keys === undefined) return known;
  const { old, all } = countOld(heap, keys, { lastId, kind: "internal", type: "string" });
  return all === 0 ? 0 : Math.round((entries * old) / all);
}

/** Of what a node refers to by edges of one kind, how much is older than a snapshot. */
function countOld(
  heap: HeapSnapshot,
  node: number,
  wanted: { readonly lastId: number; readonly kind: string; readonly type?: string },
): { readonly old: number; readonly all: number } {
  const ids: number[] = [];
  for (const { kind, to } of heap.edgesFrom(node)) {
    const isWanted = wanted.type === undefined || heap.typeOf(to) === wanted.type;
    if (kind === wanted.kind && isWanted) ids.push(heap.columns.nodeId[to] as number);
  }
  return { old: ids.filter((id) => id <= wanted.lastId).length, all: ids.length };
}

function isForeign({ holders }: GrownTable): boolean {
  return holders.every(({ file }) => file?.includes("node_modules") === true);
}
