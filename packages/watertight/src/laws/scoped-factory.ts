import { createAssertion, type Frames, framesAbove } from "./assertion.ts";
import { findCompany, findKept, findMix } from "./factory-judgement.ts";
import { Instances } from "./instances.ts";
import { collectGarbage, readOwnHeap } from "./own-heap.ts";
import { nameOf, Secrets } from "./secrets.ts";

/** Whom a factory is asked to make something for: the same object for the same user. */
export interface LawUser {
  /** `user-0` or `user-1`. */
  readonly id: string;
}

/** Makes what belongs to one user; how it comes by its context is its own affair. */
export type Create<T> = (user: LawUser) => T | Promise<T>;

/** What a factory promises, and how its instances are used. */
export interface ScopedFactoryOptions<T> {
  /** Leaves `canary` in an instance, the way that its callers leave data. MUST NOT keep it elsewhere. */
  readonly use: (instance: T, canary: string) => unknown;
  /** Asked again for a user, the factory answers what that user has left there. Default: it need not. */
  readonly keeps?: boolean;
  /** Ends an instance. Nothing may hold it, or what `use` left in it, any more. Default: that isn't judged. */
  readonly dispose?: (instance: T, user: LawUser) => unknown;
}

/** Two are enough to see that something is shared. */
const USERS = 2;

/**
 * Holds if what `create` makes for one user can't reach what another user left in theirs, on any way:
 * a shared instance, a table behind two of them, a variable of their code. It is read from real heap
 * snapshots of this process, a second or so each. Rejects with an AssertionError that names the way
 * and the variable; also if `use` left nothing in the instance, so that nothing could be seen.
 */
export async function expectScopedFactory<T>(
  create: Create<T>,
  options: ScopedFactoryOptions<T>,
): Promise<void> {
  const frames = framesAbove(expectScopedFactory);
  const secrets = new Secrets(USERS);
  const instances: Made<T> = new Instances();
  const { dispose = () => {} } = options;
  try {
    await populate({ create, options, secrets, instances });
    tell(await judgeLiving({ create, secrets, instances, keeps: options.keeps === true }), frames);
  } finally {
    await instances.end(dispose);
  }
  if (options.dispose === undefined) return;
  await collectGarbage();
  tell(await judgeEnded(instances, secrets), frames);
}

type Made<T> = Instances<T, LawUser>;

interface Scene<T> {
  readonly create: Create<T>;
  readonly options: ScopedFactoryOptions<T>;
  readonly secrets: Secrets;
  readonly instances: Made<T>;
}

/** In a function of its own: when it has returned, nothing of ours holds a user, an instance or a canary. */
async function populate<T>({ create, options, secrets, instances }: Scene<T>): Promise<void> {
  const users = Array.from({ length: USERS }, (_, user) => Object.freeze({ id: nameOf(user) }));
  for (const user of users) instances.add(await create(user), user);
  for (const [user, instance] of instances.all.entries()) {
    await options.use(instance, secrets.of(user));
  }
  if (options.keeps !== true) return;
  for (const user of users) instances.add(await create(user), user);
}

interface Living<T> {
  readonly create: Create<T>;
  readonly secrets: Secrets;
  readonly instances: Made<T>;
  readonly keeps: boolean;
}

async function judgeLiving<T>(living: Living<T>): Promise<string | undefined> {
  const { create, secrets, instances, keeps } = living;
  const { heap, nodes } = await readOwnHeap([create, ...instances.all]);
  const [made = 0, ...those] = nodes;
  const scene = { heap, ownerOf: secrets.ownerOf, create: made, createName: create.name };
  return (
    findMix(scene, those.slice(0, USERS)) ??
    (keeps ? findKept(scene, those.slice(USERS)) : undefined)
  );
}

async function judgeEnded<T>(instances: Made<T>, secrets: Secrets): Promise<string | undefined> {
  const alive = instances.survivors();
  const { heap, nodes } = await readOwnHeap(alive);
  return findCompany(heap, nodes, secrets.ownerOf);
}

function tell(problem: string | undefined, frames: Frames): void {
  if (problem !== undefined) throw createAssertion(problem, frames);
}
