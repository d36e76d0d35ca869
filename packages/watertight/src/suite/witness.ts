import type { SingletonEvidence } from "../detectors/heap-graph/singleton-detector.ts";
import type { GrownClass, GrownTable } from "../detectors/heap-graph/growth.ts";
import type { OccupiedSlot } from "../detectors/heap-graph/slots.ts";
import type { HeapSummary } from "../detectors/heap-graph/summary.ts";
import type { Holder } from "../finding.ts";
import type { CpuReading } from "../target/probe/messages.ts";

/** The state of the process after everybody has left. */
export interface ReleaseCensus {
  readonly census: ReadonlyMap<string, SingletonEvidence>;
  /** Variables that still hold data of users who left. */
  readonly holders: readonly Holder[];
}

/** What users who came and left have left behind. */
export interface Remains {
  readonly classes: readonly GrownClass[];
  readonly tables: readonly GrownTable[];
}

/** What still holds data of users who left. */
export interface Retained {
  /** Places with data of two or more of them. */
  readonly holders: readonly Holder[];
  /** Places for a single value, with data of one of them. */
  readonly slots: readonly OccupiedSlot[];
}

/** What the process needs to go on, after forced collection. */
export interface Needs {
  /** Objects and buffers in use. */
  readonly bytes: number;
  /** What keeps its event loop alive: names of resources, as Node calls them, one for each. */
  readonly resources: readonly string[];
}

/** What can be seen inside the target's process. */
export interface Witness {
  /** Why the process can't be looked into; `undefined` if it can. */
  readonly blindness: string | undefined;
  /** Variables that hold data of two or more users now, the most telling first. */
  readonly holders: () => Promise<readonly Holder[]>;
  /** Counts the instances of some classes now, by class name. */
  readonly census: (
    classNames: readonly string[],
  ) => Promise<ReadonlyMap<string, SingletonEvidence>>;
  /** The same once nothing of anybody is left, or after `withinMs` with what is. */
  readonly afterRelease: (
    classNames: readonly string[],
    withinMs: number,
  ) => Promise<ReleaseCensus>;
  /** Memory of objects and buffers in use after forced collection, in bytes. */
  readonly memory: () => Promise<number>;
  readonly needs: () => Promise<Needs>;
  /** Remembers what there is now, to be compared with what there is later; `undefined` if blind. */
  readonly remember: () => Promise<HeapSummary | undefined>;
  /** What is left of `users` users who came and left since then, `withinMs` later if there is anything. */
  readonly remains: (
    before: HeapSummary | undefined,
    users: number,
    withinMs: number,
  ) => Promise<Remains>;
  /**
   * What still holds data of the users of these names, who left: as soon as nothing holds data of two
   * of them, or what is there `withinMs` later.
   */
  readonly retained: (names: ReadonlySet<string>, withinMs: number) => Promise<Retained>;
  /** What the server's process has worked so far; `undefined` if nothing or not all of it can be seen. */
  readonly cpu: () => Promise<CpuReading | undefined>;
}

/** A witness that sees nothing, and says why. */
export function createBlindWitness(blindness: string): Witness {
  return {
    blindness,
    holders: async () => [],
    census: async () => new Map(),
    afterRelease: async () => ({ census: new Map(), holders: [] }),
    memory: async () => 0,
    needs: async () => ({ bytes: 0, resources: [] }),
    remember: async () => undefined,
    remains: async () => ({ classes: [], tables: [] }),
    retained: async () => ({ holders: [], slots: [] }),
    cpu: async () => undefined,
  };
}
