import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CanaryBook, SENTINEL } from "../canary.ts";
import { ToolError } from "../errors.ts";
import { findGrowth, findGrownTables } from "../detectors/heap-graph/growth.ts";
import { findHolders } from "../detectors/heap-graph/holders.ts";
import { type HeapSnapshot, readHeapSnapshot } from "../detectors/heap-graph/snapshot.ts";
import { findOccupiedSlots } from "../detectors/heap-graph/slots.ts";
import { type HeapSummary, summarizeHeap } from "../detectors/heap-graph/summary.ts";
import {
  SingletonDetector,
  type SingletonEvidence,
} from "../detectors/heap-graph/singleton-detector.ts";
import type { Holder } from "../finding.ts";
import { wait } from "../internal/wait.ts";
import type { UserIdentity } from "../simulate/simulated-user.ts";
import type { ProbedProcess } from "../target/probe/probed-process.ts";
import type { ProbeServer } from "../target/probe/probe-server.ts";
import type { CpuReading } from "../target/probe/messages.ts";
import type { Needs, ReleaseCensus, Remains, Retained, Witness } from "./witness.ts";

/** What the witness needs to read a process with the eyes of this run. */
export interface HeapWitnessOptions {
  readonly probe: ProbeServer;
  readonly book: CanaryBook;
  readonly identities: readonly UserIdentity[];
  /** Labels of canaries that the server keeps on purpose. */
  readonly keep: readonly string[];
}

const FIRST_PAUSE_MS = 500;
/** Numbers all objects anew: not between two pictures that are compared. */
const LOOK_INTO_BUFFERS = Object.freeze({ buffers: true });

/** A witness that takes heap snapshots of the target through its probe, and keeps none of them. */
export class HeapWitness implements Witness {
  readonly #options: HeapWitnessOptions;

  constructor(options: HeapWitnessOptions) {
    this.#options = options;
  }

  get blindness(): string | undefined {
    return blindnessOf(this.#options.probe.processes());
  }

  async holders(): Promise<readonly Holder[]> {
    if (this.#options.probe.processes().length === 0) return [];
    const ownerOf = (token: string): string | undefined => this.#nameOf(token);
    return this.#look((heap) => findHolders(heap, { ownerOf, minUsers: 2 }), LOOK_INTO_BUFFERS);
  }

  census(classNames: readonly string[]): Promise<ReadonlyMap<string, SingletonEvidence>> {
    return this.#look((snapshot) => this.#count(snapshot, classNames));
  }

  afterRelease(classNames: readonly string[], withinMs: number): Promise<ReleaseCensus> {
    const look = (snapshot: HeapSnapshot): ReleaseCensus => ({
      census: this.#count(snapshot, classNames),
      holders: findHolders(snapshot, { ownerOf: (token) => this.#leaverOf(token), minUsers: 2 }),
    });
    const isReleased = ({ census, holders }: ReleaseCensus): boolean =>
      holders.length === 0 && [...census.values()].every(({ instances }) => instances === 0);
    return this.#lookUntil(isReleased, withinMs, look);
  }

  retained(names: ReadonlySet<string>, withinMs: number): Promise<Retained> {
    const ownerOf = (token: string): string | undefined => {
      const name = this.#leaverOf(token);
      return name !== undefined && names.has(name) ? name : undefined;
    };
    const look = (heap: HeapSnapshot): Retained => ({
      holders: findHolders(heap, { ownerOf, minUsers: 2 }),
      slots: findOccupiedSlots(heap, { ownerOf }),
    });
    const isReleased = ({ holders }: Retained): boolean => holders.length === 0;
    // Not into Buffers: what is left in one that is used again and again is not kept. Those that pile up are counted.
    return this.#lookUntil(isReleased, withinMs, look);
  }

  remember(): Promise<HeapSummary | undefined> {
    return this.#look(summarizeHeap);
  }

  async remains(
    before: HeapSummary | undefined,
    users: number,
    withinMs: number,
  ): Promise<Remains> {
    if (before === undefined) return { classes: [], tables: [] };
    const look = (snapshot: HeapSnapshot): Remains => ({
      classes: findGrowth(before, snapshot, { perUser: users }),
      tables: findGrownTables(before, snapshot, { perUser: users }),
    });
    const isReleased = ({ classes, tables }: Remains): boolean =>
      classes.length === 0 && tables.length === 0;
    return this.#lookUntil(isReleased, withinMs, look);
  }

  async memory(): Promise<number> {
    const { heapUsed, external, code } = await (await this.#server()).memory();
    return heapUsed + external - code;
  }

  async needs(): Promise<Needs> {
    return { bytes: await this.memory(), resources: await (await this.#server()).resources() };
  }

  async cpu(): Promise<CpuReading | undefined> {
    if (this.blindness !== undefined) return undefined;
    return (await this.#server()).cpu();
  }

  #nameOf(token: string): string | undefined {
    const owner = this.#options.book.ownerOf(token);
    return owner === undefined ? undefined : this.#options.identities[owner.user]?.name;
  }

  /** Whose secret it is, unless the server keeps such secrets on purpose. */
  #leaverOf(token: string): string | undefined {
    const label = this.#options.book.ownerOf(token)?.label ?? "";
    return this.#options.keep.includes(label) ? undefined : this.#nameOf(token);
  }

  #count(
    snapshot: HeapSnapshot,
    classNames: readonly string[],
  ): ReadonlyMap<string, SingletonEvidence> {
    const detector = new SingletonDetector(snapshot, (token) => this.#nameOf(token));
    return new Map(classNames.map((name) => [name, detector.detect(name)]));
  }

  /**
   * Looks again until what is seen is released, or the process has had `withinMs` for it. It stands
   * still while it is looked at, so only the time in between counts.
   */
  async #lookUntil<T>(
    isReleased: (seen: T) => boolean,
    withinMs: number,
    look: (snapshot: HeapSnapshot) => T,
  ): Promise<T> {
    let pauseMs = FIRST_PAUSE_MS;
    let leftMs = withinMs;
    for (;;) {
      const seen = await this.#look(look);
      if (isReleased(seen) || leftMs <= 0) return seen;
      await wait(Math.min(pauseMs, leftMs));
      leftMs -= pauseMs;
      pauseMs *= 2;
    }
  }

  /** Snapshots hold secrets and are large: each lives in a folder of its own, for as long as it is read. */
  async #look<T>(
    look: (snapshot: HeapSnapshot) => T,
    options: { readonly buffers: boolean } = { buffers: false },
  ): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), "watertight-"));
    try {
      const file = join(folder, "target.heapsnapshot");
      const server = await this.#server();
      const buffers = options.buffers ? await server.heapAndBuffers(file) : undefined;
      if (!options.buffers) await server.heap(file);
      return look(await readHeapSnapshot(file, { sentinel: SENTINEL, buffers: buffers ?? [] }));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #server(): Promise<ProbedProcess> {
    return findServer(this.#options.probe);
  }
}

function blindnessOf(processes: readonly ProbedProcess[]): string | undefined {
  const workers = processes.filter(({ isWorker }) => isWorker).length;
  if (workers > 1) {
    return `The target is a cluster of ${workers} processes: none of them knows all users, so what each holds says nothing of the whole; start it with one worker`;
  }
  return processes.length > 0
    ? undefined
    : "The target's process could not be looked into: it is no Node process that takes NODE_OPTIONS";
}

/** Of wrappers such as npm, the server, and its helpers: the youngest that listens on a port. */
async function findServer(probe: ProbeServer): Promise<ProbedProcess> {
  const processes = [...probe.processes()].reverse();
  for (const process of processes) if (await process.isListening()) return process;
  const [youngest] = processes;
  if (youngest !== undefined) return youngest;
  throw new ToolError(
    "WT_PROBE_FAILED",
    "Expected the target's process to be there for a look at its memory, but none reports any more. Look at what the target prints when it is run by hand.",
  );
}
