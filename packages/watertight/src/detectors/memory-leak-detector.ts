import type { MemoryPoint, Trend } from "../report.ts";
import { theilSen } from "./statistics/theil-sen.ts";

/** What the process held after some users had come and left. */
export interface Aftermath {
  /** How many have come and left so far. */
  readonly usersLeft: number;
  /** Objects and buffers in use after forced collection, in bytes. */
  readonly bytes: number;
  /** What keeps the event loop alive: names of resources, as Node calls them, one for each. */
  readonly resources: readonly string[];
}

/** A kind of resource of which there are more with every user who leaves. */
export interface ResourceLeak {
  /** As Node calls it: `Timeout`, `TCPSocketWrap`, `FSEventWrap`. */
  readonly name: string;
  readonly before: number;
  readonly after: number;
  readonly perUser: number;
}

/** A clean server grows by 34 to 63 bytes a user, from what its engine learns of the code. */
export const HARMLESS_BYTES_PER_USER = 200;
/** One in five users leaving one behind is no accident; fewer may be something that is still closing. */
const LEAKED_PER_USER = 0.2;

/**
 * Judges what is left when users have gone, from one measurement after each wave of them. What a
 * server needs to warm up is over after the first waves; they are not measured.
 */
export class MemoryLeakDetector {
  readonly #waves: Aftermath[] = [];

  add(aftermath: Aftermath): void {
    this.#waves.push(aftermath);
  }

  /** How many users came and left between the first measurement and the last. */
  get users(): number {
    return (this.#waves.at(-1)?.usersLeft ?? 0) - (this.#waves[0]?.usersLeft ?? 0);
  }

  get points(): readonly MemoryPoint[] {
    return this.#waves.map(({ usersLeft: users, bytes }) => ({ users, bytes }));
  }

  /** Bytes per user who has left; `undefined` with fewer than five waves. */
  get trend(): Trend | undefined {
    return theilSen(this.points.map(({ users: x, bytes: y }) => ({ x, y })));
  }

  /** Says whether memory grows by more than a clean server's, beyond the noise. */
  get grows(): boolean {
    return (this.trend?.low ?? 0) > HARMLESS_BYTES_PER_USER;
  }

  /** The resources that pile up, the most numerous first. */
  get resourceLeaks(): readonly ResourceLeak[] {
    const names = new Set(this.#waves.flatMap(({ resources }) => resources));
    const leaks = [...names].flatMap((name) => {
      const counts = this.#waves.map(({ usersLeft, resources }) => ({
        x: usersLeft,
        y: resources.filter((resource) => resource === name).length,
      }));
      const slope = theilSen(counts)?.low ?? 0;
      const [before, after] = [counts[0]?.y ?? 0, counts.at(-1)?.y ?? 0];
      const perUser = this.users === 0 ? 0 : (after - before) / this.users;
      return slope > 0 && perUser >= LEAKED_PER_USER ? [{ name, before, after, perUser }] : [];
    });
    return leaks.sort((a, b) => b.perUser - a.perUser);
  }
}
