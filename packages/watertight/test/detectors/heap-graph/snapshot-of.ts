import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, vi } from "vitest";
import { createProbeServer } from "../../../dist/target/probe/probe-server.js";
import { CanaryBook, SENTINEL } from "../../../src/canary.ts";
import type { OwnerOf } from "../../../src/detectors/heap-graph/canary-nodes.ts";
import { type HeapSnapshot, readHeapSnapshot } from "../../../src/detectors/heap-graph/snapshot.ts";

const PATIENTLY = { timeout: 20_000 };

/** The heap of a program that was told the secrets of some users, and whose they are. */
export interface Heap {
  readonly heap: HeapSnapshot;
  readonly ownerOf: OwnerOf;
}

/** The path of a program of `fixtures/`. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
}

/** The line of a fixture, from 1, on which `text` first stands. */
export async function lineOf(name: string, text: string): Promise<number> {
  const lines = (await readFile(fixture(name), "utf8")).split("\n");
  const place = lines.findIndex((line) => line.includes(text));
  if (place === -1) throw new Error(`Expected \`${text}\` in ${name}`);
  return place + 1;
}

export interface SnapshotOptions {
  readonly users: number;
  /** Told to the program together with the users. */
  readonly message?: object;
  readonly chunkBytes?: number;
}

/** Runs a program in a process of its own, lets it hold a secret of each user, and reads its heap. */
export async function snapshotOf(program: string, options: SnapshotOptions): Promise<Heap> {
  await using running = await startProgram(program);
  await running.tell(options);
  return { heap: await running.snapshot(options), ownerOf: running.ownerOf };
}

/** A program in a process of its own. */
export interface Program extends AsyncDisposable {
  readonly ownerOf: OwnerOf;
  /** Tells it the names and secrets of users whom it doesn't know yet, and waits until it has done with them. */
  readonly tell: (options: SnapshotOptions) => Promise<void>;
  readonly snapshot: (options?: Pick<SnapshotOptions, "chunkBytes">) => Promise<HeapSnapshot>;
  /** The engine numbers all objects anew after it. */
  readonly snapshotWithBuffers: () => Promise<HeapSnapshot>;
}

/** Starts a program with the suite's probe. `WATERTIGHT_TEST_NODE` names another Node to run it with. */
export async function startProgram(program: string): Promise<Program> {
  const book = new CanaryBook();
  const folder = await mkdtemp(join(tmpdir(), "watertight-test-"));
  const probe = await createProbeServer({ existingNodeOptions: undefined });
  const child = fork(program, {
    env: { ...process.env, ...probe.env },
    execArgv: [],
    execPath: process.env["WATERTIGHT_TEST_NODE"] ?? process.execPath,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  let known = 0;
  return {
    ownerOf(token) {
      const owner = book.ownerOf(token);
      return owner === undefined ? undefined : `user-${owner.user}`;
    },
    async tell({ users, message = {} }) {
      const secrets = Array.from({ length: users }, (_, index) => ({
        name: `user-${known + index}`,
        secret: book.mint(known + index, "secret"),
      }));
      known += users;
      child.send({ ...message, users: secrets });
      await once(child, "message");
    },
    async snapshot({ chunkBytes = 1024 * 1024 } = {}) {
      await vi.waitFor(() => expect(probe.processes()).toHaveLength(1), PATIENTLY);
      const file = join(folder, "test.heapsnapshot");
      await probe.processes()[0]?.heap(file);
      return readHeapSnapshot(file, { sentinel: SENTINEL, chunkBytes });
    },
    async snapshotWithBuffers() {
      await vi.waitFor(() => expect(probe.processes()).toHaveLength(1), PATIENTLY);
      const file = join(folder, "test.heapsnapshot");
      const buffers = await probe.processes()[0]?.heapAndBuffers(file);
      if (buffers === undefined) throw new Error("Expected a Node with an inspector");
      return readHeapSnapshot(file, { sentinel: SENTINEL, buffers });
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await probe[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
