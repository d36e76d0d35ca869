import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CanaryBook, SENTINEL } from "../canary.ts";
import { ToolError } from "../errors.ts";
import { findHolders } from "../detectors/heap-graph/holders.ts";
import { type HeapSnapshot, readHeapSnapshot } from "../detectors/heap-graph/snapshot.ts";
import {
  SingletonDetector,
  type SingletonEvidence,
} from "../detectors/heap-graph/singleton-detector.ts";
import { wait } from "../internal/wait.ts";
import type { UserIdentity } from "../simulate/simulated-user.ts";
import type { ProbedProcess } from "../target/probe/probed-process.ts";
import type { ProbeServer } from "../target/probe/probe-server.ts";
import type { ReleaseCensus, Witness } from "./witness.ts";

/** What the witness needs to read a process with the eyes of this run. */
export interface HeapWitnessOptions {
  readonly probe: ProbeServer;
  readonly book: CanaryBook;
  readonly identities: readonly UserIdentity[];
  /** Labels of canaries that the server keeps on purpose. */
  readonly keep: readonly string[];
}

const RELEASE_POLL_MS = 500;

/** A witness that takes heap snapshots of the target through its probe, and keeps none of them. */
export function createHeapWitness(options: HeapWitnessOptions): Witness {
  const { book, identities, keep } = options;
  const nameOf = (token: string): string | undefined => {
    const owner = book.ownerOf(token);
    return owner === undefined ? undefined : identities[owner.user]?.name;
  };
  const notKept = (token: string): string | undefined =>
    keep.includes(book.ownerOf(token)?.label ?? "") ? undefined : nameOf(token);
  const censuses = (
    snapshot: HeapSnapshot,
    classNames: readonly string[],
  ): ReadonlyMap<string, SingletonEvidence> => {
    const detector = new SingletonDetector(snapshot, nameOf);
    return new Map(classNames.map((name) => [name, detector.detect(name)]));
  };

  return {
    get blindness() {
      return blindnessOf(options.probe.processes());
    },
    holders: async () =>
      options.probe.processes().length === 0
        ? []
        : withSnapshot(options, async (snapshot) =>
            findHolders(snapshot, { ownerOf: nameOf, minUsers: 2 }),
          ),
    census: (classNames) =>
      withSnapshot(options, async (snapshot) => censuses(snapshot, classNames)),
    async afterRelease(classNames, withinMs): Promise<ReleaseCensus> {
      const deadline = performance.now() + withinMs;
      for (;;) {
        const seen = await withSnapshot(options, async (snapshot) => ({
          census: censuses(snapshot, classNames),
          holders: findHolders(snapshot, { ownerOf: notKept, minUsers: 2 }),
        }));
        const isReleased = [...seen.census.values()].every(({ instances }) => instances === 0);
        if ((isReleased && seen.holders.length === 0) || performance.now() > deadline) return seen;
        await wait(RELEASE_POLL_MS);
      }
    },
    async memory() {
      const server = await findServer(options.probe);
      const { heapUsed, external } = await server.memory();
      return heapUsed + external;
    },
    async cpu() {
      if (blindnessOf(options.probe.processes()) !== undefined) return undefined;
      return (await findServer(options.probe)).cpu();
    },
  };
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

/** Snapshots hold secrets and are large: each lives in a folder of its own, for as long as it is read. */
async function withSnapshot<T>(
  { probe }: HeapWitnessOptions,
  read: (snapshot: HeapSnapshot) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "watertight-"));
  try {
    const file = join(folder, "target.heapsnapshot");
    const server = await findServer(probe);
    await server.heap(file);
    return await read(await readHeapSnapshot(file, { sentinel: SENTINEL }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
