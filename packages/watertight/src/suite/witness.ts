import type { SingletonEvidence } from "../detectors/heap-graph/singleton-detector.ts";
import type { Holder } from "../finding.ts";
import type { CpuReading } from "../target/probe/messages.ts";

/** The state of the process after everybody has left. */
export interface ReleaseCensus {
  readonly census: ReadonlyMap<string, SingletonEvidence>;
  /** Variables that still hold data of users who left. */
  readonly holders: readonly Holder[];
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
    cpu: async () => undefined,
  };
}
