import type { Random } from "../internal/random.ts";
import { wait } from "../internal/wait.ts";
import type { Mishap } from "../mishap.ts";
import { Barrier } from "./barrier.ts";
import { takeTurns } from "./turns.ts";

/** One user's part in a round. `pass` is awaited before each step that the user takes. */
export type UserTask = (pass: () => Promise<void>) => Promise<void>;

/** An adversarial schedule of the users' steps, and how the users name their things. */
export interface Pattern {
  readonly name: string;
  /** Users give the same names to their threads, runs and files. */
  readonly equalNames: boolean;
  /** Runs every task to its end; MUST NOT let one user's failure stop another's task. */
  readonly schedule: (tasks: readonly UserTask[], random: Random) => Promise<void>;
  /** What befalls a user's HTTP request of this number, from 0. Default: nothing. */
  readonly mishapOf?: (user: number, request: number) => Mishap | undefined;
  /** Every two users share one keep-alive connection, as behind a proxy. Default: false. */
  readonly sharesLines?: boolean;
}

/** All users take the same step in the same tick. */
export const lockstep: Pattern = Object.freeze({
  name: "lockstep",
  equalNames: false,
  schedule: inLockstep,
});

/** Lockstep, and all users name their threads and runs alike: keys without an owner collide. */
export const equalNames: Pattern = Object.freeze({
  name: "equal names",
  equalNames: true,
  schedule: inLockstep,
});

/** A user begins when the one before is done: finds caches and fields that outlive their user. */
export const oneAfterAnother: Pattern = Object.freeze({
  name: "one after another",
  equalNames: false,
  async schedule(tasks: readonly UserTask[]): Promise<void> {
    for (const task of tasks) await task(freely);
  },
});

/** Each user begins while others wait, in a shuffled order with unequal pauses between steps. */
export const overlap: Pattern = Object.freeze({
  name: "overlap",
  equalNames: false,
  async schedule(tasks: readonly UserTask[], random: Random): Promise<void> {
    const spreadMs = Math.min(400, tasks.length * 4);
    const started = random.shuffle(tasks).map(async (task, place) => {
      const pauses = Array.from({ length: 16 }, () => random.next() * 8);
      await wait((place / tasks.length) * spreadMs);
      let step = 0;
      await task(() => wait(pauses[step++ % pauses.length] ?? 0));
    });
    await Promise.all(started);
  },
});

/**
 * One step of one user at a time, in turns, forwards and then backwards: of any two users each is the last
 * to have come, and the last to have spoken, before the other goes on.
 */
export const inTurns: Pattern = Object.freeze({
  name: "in turns",
  equalNames: false,
  schedule: takeTurns,
});

async function inLockstep(tasks: readonly UserTask[]): Promise<void> {
  const barrier = new Barrier(tasks.length);
  const pass = (): Promise<void> => barrier.arrive();
  await Promise.all(tasks.map((task) => task(pass).finally(() => barrier.leave())));
}

function freely(): Promise<void> {
  return Promise.resolve();
}
