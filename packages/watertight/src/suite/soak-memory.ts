import type { HeapSummary } from "../detectors/heap-graph/summary.ts";
import { type Aftermath, MemoryLeakDetector } from "../detectors/memory-leak-detector.ts";
import { theilSen } from "../detectors/statistics/theil-sen.ts";
import { groupBy } from "../internal/group-by.ts";
import type { Observation } from "../observation.ts";
import type { Memory, Trend } from "../report.ts";
import { growthIn, growthText, handlesIn } from "./memory-findings.ts";
import { RollingPoints } from "./soak-points.ts";
import type { Needs, Remains, Witness } from "./witness.ts";

/** So many windows warm the target up; what it keeps of their users is its own affair. */
export const WARM_UP_WINDOWS = 2;
/** Fewer points make no interval; the first is taken when the warm-up is over. */
const LEAST_POINTS = 5;
/** No soak is shorter: its memory could not be judged. */
export const LEAST_WINDOWS: number = WARM_UP_WINDOWS + LEAST_POINTS - 1;
/** After fewer users, a few dozen objects more that nobody holds may be the engine's own. */
const MANY_USERS = 100;
const MAX_POINTS = 120;
const MS_PER_HOUR = 3_600_000;
/** What is measured for less says nothing of an hour. */
const LEAST_SPAN_MS = 300_000;
/** More than an engine learns of any code. */
const LARGE_BYTES = 1024 * 1024;
/** Large growth that leaves one object with so many users only is looked for as well. */
const RARELY = 10;
/** Fewer objects more are an accident. */
const LEAST_OBJECTS = 30;

/** What is said of memory at the end of a soak. */
export interface MemoryJudgement {
  readonly observations: readonly Observation[];
  /** What a pass shows. */
  readonly shown: string;
  readonly inconclusive?: string;
}

interface Point {
  readonly atMs: number;
  readonly usersLeft: number;
  readonly bytes: number;
  readonly resources: Readonly<Record<string, number>>;
}

/** Follows the memory of a target over any number of windows, and judges it by the rules of check 4.1. */
export class SoakMemory {
  #points = new RollingPoints<Point>(MAX_POINTS);
  readonly #releaseWithinMs: number;
  #windows = 0;
  #usersLeft = 0;
  /** Windows since what is remembered. */
  #compared = 0;
  #before: HeapSummary | undefined;
  #blindness: string | undefined;

  constructor({ releaseWithinMs }: { readonly releaseWithinMs: number }) {
    this.#releaseWithinMs = releaseWithinMs;
  }

  /**
   * Measures after a window whose users have left, at `atMs` of the soak; `undefined` where nothing can
   * be seen. Rejects if the process does not answer.
   */
  async measure(witness: Witness, users: number, atMs: number): Promise<Needs | undefined> {
    this.#windows += 1;
    if (witness.blindness !== undefined) {
      this.#blindness = witness.blindness;
      return undefined;
    }
    if (this.#windows < WARM_UP_WINDOWS) return witness.needs();
    if (this.#before === undefined) this.#before = await witness.remember();
    else this.#countUsers(users);
    const needs = await witness.needs();
    const { bytes } = needs;
    const point = { atMs, usersLeft: this.#usersLeft, bytes, resources: countResources(needs) };
    this.#points.add(point);
    return needs;
  }

  /**
   * Forgets what was measured: after a look at who holds what, the engine numbers its objects anew, and
   * nothing can be compared with before. The next measurement is the first again.
   */
  startAgain(): void {
    this.#points = new RollingPoints(MAX_POINTS);
    this.#before = undefined;
    this.#usersLeft = 0;
    this.#compared = 0;
  }

  /** What was measured so far, as category 4 reports it; `null` if nothing was. */
  get memory(): Memory | null {
    const { points, trend = null } = this.#detector(false);
    if (points.length === 0) return null;
    return { connected: [], perUser: null, afterLeaving: points, perUserLeft: trend };
  }

  /** Bytes an hour; `null` with fewer than five points, or within less than five minutes. */
  get perHour(): Trend | null {
    const { items } = this.#points;
    if ((items.at(-1)?.atMs ?? 0) - (items[0]?.atMs ?? 0) < LEAST_SPAN_MS) return null;
    const points = items.map(({ atMs, bytes }) => ({
      x: atMs / MS_PER_HOUR,
      y: bytes,
    }));
    return theilSen(points) ?? null;
  }

  /** Looks for what is left of all who came after the warm-up. */
  async judge(witness: Witness): Promise<MemoryJudgement> {
    const missing = this.#missing();
    if (missing !== undefined) return { observations: [], shown: "", inconclusive: missing };
    const remains = await this.#remains(witness);
    const detector = this.#detector(true);
    const found = [...growthIn(detector, remains), ...handlesIn(detector, remains)];
    const isLarge = largeGrowthIn(detector) > 0;
    const rare = found.length > 0 || !isLarge ? [] : await this.#lookForRareOnes(witness);
    const observations = [...found, ...growthIn(detector, { classes: rare, tables: [] })];
    const shown = `${this.#usersLeft} users came and left in ${this.#compared} windows: no object, handle, timer or table entry was left behind; ${growthText(detector)}`;
    const unexplained = observations.length > 0 ? undefined : unexplainedIn(detector);
    return {
      observations,
      shown,
      ...(unexplained === undefined ? {} : { inconclusive: unexplained }),
    };
  }

  #countUsers(users: number): void {
    this.#usersLeft += users;
    this.#compared += 1;
  }

  #missing(): string | undefined {
    if (this.#blindness !== undefined) return this.#blindness;
    const { count } = this.#points;
    if (count >= LEAST_POINTS && this.#before !== undefined) return undefined;
    return `Memory was measured ${count} times since the first ${WARM_UP_WINDOWS} windows, or since the last look at who holds what leaked: fewer than ${LEAST_POINTS} times show no trend`;
  }

  async #remains(witness: Witness): Promise<Remains> {
    const users = this.#usersLeft;
    const { classes, tables } = await witness.remains(this.#before, users, this.#releaseWithinMs);
    const isSure = ({ isOwn, holders }: Remains["classes"][number]): boolean =>
      users >= MANY_USERS || isOwn || holders.length > 0;
    return { classes: classes.filter(isSure), tables };
  }

  /** Memory that grows for sure, but not with every user: what there is more of, if only now and then. */
  async #lookForRareOnes(witness: Witness): Promise<Remains["classes"]> {
    const least = Math.max(LEAST_OBJECTS, Math.ceil(this.#usersLeft / RARELY));
    const { classes } = await witness.remains(this.#before, least, 0);
    const share = least / this.#usersLeft;
    return classes.map((grown) => ({
      ...grown,
      perUser: grown.perUser * share,
      bytesPerUser: grown.bytesPerUser * share,
    }));
  }

  #detector(withResources: boolean): MemoryLeakDetector {
    const detector = new MemoryLeakDetector();
    for (const point of this.#points.items) {
      detector.add({ ...point, resources: withResources ? listResources(point) : [] });
    }
    return detector;
  }
}

/** How many there are of each name. */
export function countResources({ resources }: Needs): Readonly<Record<string, number>> {
  const names = groupBy(resources, (name) => name);
  return Object.fromEntries([...names].map(([name, { length }]) => [name, length]));
}

function listResources({ resources }: Point): Aftermath["resources"] {
  return Object.entries(resources).flatMap(([name, count]) =>
    Array.from({ length: count }, () => name),
  );
}

/** By how many bytes memory grew for sure, if that is more than any engine learns; 0 if not. */
function largeGrowthIn({ trend, users, grows }: MemoryLeakDetector): number {
  const bytes = grows && trend !== undefined ? trend.low * users : 0;
  return bytes < LARGE_BYTES ? 0 : bytes;
}

function unexplainedIn(detector: MemoryLeakDetector): string | undefined {
  const bytes = largeGrowthIn(detector);
  if (bytes === 0) return undefined;
  return `Memory grew by ${Math.round(detector.trend?.slope ?? 0)} bytes a user, ${Math.floor(bytes / LARGE_BYTES)} MB or more in all, and no kind of object explains it: a text or buffer that gets longer would. Look at what the server appends to, or let it run longer to see whether it ends`;
}
