import { fileURLToPath } from "node:url";
import { canaryNodes, type OwnerOf } from "../detectors/heap-graph/canary-nodes.ts";
import { findHolders, findKeepers } from "../detectors/heap-graph/holders.ts";
import { pathText } from "../detectors/heap-graph/path-text.ts";
import type { Reach } from "../detectors/heap-graph/reach.ts";
import type { HeapSnapshot } from "../detectors/heap-graph/snapshot.ts";
import { mayTouch } from "../detectors/heap-graph/source-position.ts";
import type { Holder } from "../finding.ts";
import { type InstanceReach, walkFrom } from "./factory-walk.ts";
import { nameOf } from "./secrets.ts";

/** A heap in which a factory's instances live, and whose canaries are in it. */
export interface FactoryScene {
  readonly heap: HeapSnapshot;
  readonly ownerOf: OwnerOf;
  /** The node of the factory. */
  readonly create: number;
  /** Empty if it has none. */
  readonly createName: string;
}

type Canaries = ReadonlyMap<string, readonly number[]>;

const OWN_FOLDERS: readonly string[] = Object.freeze(
  ["../../src/", "../../dist/"].map((folder) => fileURLToPath(new URL(folder, import.meta.url))),
);

/**
 * What is wrong with the instances of different users; `undefined` if all that can be said is good:
 * each holds its own user's data and reaches nobody else's.
 */
export function findMix(scene: FactoryScene, instances: readonly number[]): string | undefined {
  const { heap, ownerOf, create } = scene;
  const canaries = canaryNodes(heap, ownerOf);
  const reaches = instances.map((node) => walkFrom(heap, node, create));
  return (
    findForeign(scene, canaries, reaches) ??
    findShared(scene, canaries, reaches) ??
    findSilent(canaries, reaches)
  );
}

/** What is wrong with second instances of users who were promised to find what they had left. */
export function findKept(scene: FactoryScene, again: readonly number[]): string | undefined {
  const { heap, ownerOf, create } = scene;
  const canaries = canaryNodes(heap, ownerOf);
  const reaches = again.map((node) => walkFrom(heap, node, create));
  const forgotten = reaches.findIndex(({ code }, user) => !holds(code, canaries, user));
  if (forgotten !== -1) {
    return `Expected the factory to keep what ${nameOf(forgotten)} left, but what it made for the same user a second time does not reach it.`;
  }
  return findForeign(scene, canaries, reaches);
}

/** What still holds the instances, or what was in them, after they have ended; `undefined` if nothing does. */
export function findCompany(
  heap: HeapSnapshot,
  survivors: readonly number[],
  ownerOf: OwnerOf,
): string | undefined {
  const [survivor] = survivors;
  if (survivor !== undefined) {
    const keepers = findKeepers(heap, survivor, []).filter(isForeignToUs);
    const count = `${survivors.length} instance${survivors.length === 1 ? "" : "s"}`;
    const held = keepers.length > 0 ? keepers.map(describe) : [UNNAMED];
    return [
      `Expected what was disposed to be collectable, but ${count} stayed in memory.`,
      ...held,
    ].join("\n");
  }
  const holders = findHolders(heap, { ownerOf, minUsers: 1 }).filter(isForeignToUs);
  if (holders.length === 0) return undefined;
  const problem =
    "Expected what was disposed to be collectable, but what users left in it stayed in memory.";
  return [problem, ...holders.slice(0, SHOWN).map(describe)].join("\n");
}

const SHOWN = 3;
const UNNAMED =
  "  held by  nothing with a name: a timer, a listener, or a promise that never settles";

function findForeign(
  scene: FactoryScene,
  canaries: Canaries,
  reaches: readonly InstanceReach[],
): string | undefined {
  for (const [user, { data, code }] of reaches.entries()) {
    const met = meet(canaries, user, data);
    if (met === undefined) continue;
    const named = holdersOf(scene, met.owner, data);
    const holders = named.length > 0 ? named : holdersOf(scene, met.owner, code);
    return [
      `Expected what was made for ${nameOf(user)} to hold nothing of others, but it reaches what ${met.owner} left in theirs.`,
      describeWay(scene, data, met.node),
      ...holders.slice(0, SHOWN).map(describe),
    ].join("\n");
  }
  return undefined;
}

/** Nothing in the instances, but something that their code can touch. */
function findShared(
  scene: FactoryScene,
  canaries: Canaries,
  reaches: readonly InstanceReach[],
): string | undefined {
  for (const [user, { code, className }] of reaches.entries()) {
    const met = meet(canaries, user, code);
    if (met === undefined) continue;
    const named = holdersOf(scene, met.owner, code);
    const holders = named.filter((holder) => isWithin(holder, [className, scene.createName]));
    // What has no name (a variable in a block, in Node 20) can't be told from what the code can't touch.
    if (named.length > 0 && holders.length === 0) continue;
    return [
      `Expected the code of what was made for ${nameOf(user)} to keep nothing beside it, but there it can touch what ${met.owner} left in theirs.`,
      describeWay(scene, code, met.node),
      ...holders.slice(0, SHOWN).map(describe),
    ].join("\n");
  }
  return undefined;
}

/** The first canary of another user that a walk has met. */
function meet(
  canaries: Canaries,
  user: number,
  { has }: Reach,
): { readonly owner: string; readonly node: number } | undefined {
  for (const [owner, nodes] of canaries) {
    const node = owner === nameOf(user) ? undefined : nodes.find(has);
    if (node !== undefined) return { owner, node };
  }
  return undefined;
}

function holdersOf(
  { heap, ownerOf }: FactoryScene,
  owner: string,
  within: Reach,
): readonly Holder[] {
  const only = (token: string): string | undefined =>
    ownerOf(token) === owner ? owner : undefined;
  return findHolders(heap, { ownerOf: only, minUsers: 1, within }).filter(isForeignToUs);
}

/** A file that holds a whole test keeps the app beside classes that know nothing of it. */
function isWithin(holder: Holder, names: readonly (string | undefined)[]): boolean {
  const { file } = holder;
  const known = names.filter((name) => name !== undefined && name !== "");
  if (file === undefined || known.length === 0) return true;
  return known.some((name) => mayTouch(file, name as string, holder));
}

/** The positive control: a law about data says nothing of an instance that holds none. */
function findSilent(canaries: Canaries, reaches: readonly InstanceReach[]): string | undefined {
  const silent = reaches.findIndex(({ code }, user) => !holds(code, canaries, user));
  return silent === -1
    ? undefined
    : `Expected \`use\` to leave its canary in what was made for ${nameOf(silent)}, but it can't be found there, so nothing was proved. Hand it over the way that callers hand over data, unchanged.`;
}

function holds({ has }: Reach, canaries: Canaries, user: number): boolean {
  return canaries.get(nameOf(user))?.some(has) === true;
}

/** This very code works on canaries, too. */
function isForeignToUs({ file }: Holder): boolean {
  return file === undefined || OWN_FOLDERS.every((folder) => !file.startsWith(folder));
}

function describeWay({ heap }: FactoryScene, reach: Reach, node: number): string {
  return `  way      ${pathText(heap, reach.pathTo(node)) || "none, it is the text itself"}`;
}

function describe({ kind, variable, file, line, path }: Holder): string {
  const place = file === undefined ? "" : ` (${file}${line === undefined ? "" : `:${line}`})`;
  return `  held by  ${kind} ${variable}${place}: ${path}`;
}
