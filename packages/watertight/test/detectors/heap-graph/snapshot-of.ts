import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, vi } from "vitest";
import { createProbeServer } from "../../../dist/target/probe/probe-server.js";
import { CanaryBook, SENTINEL } from "../../../src/canary.ts";
import type { OwnerOf } from "../../../src/detectors/heap-graph/holders.ts";
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
  const { users, message = {}, chunkBytes = 1024 * 1024 } = options;
  const book = new CanaryBook();
  const folder = await mkdtemp(join(tmpdir(), "watertight-test-"));
  const probe = await createProbeServer({ existingNodeOptions: undefined });
  const child = fork(program, {
    env: { ...process.env, ...probe.env },
    execArgv: [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  try {
    const secrets = Array.from({ length: users }, (_, user) => ({
      name: `user-${user}`,
      secret: book.mint(user, "secret"),
    }));
    child.send({ ...message, users: secrets });
    await once(child, "message");
    await vi.waitFor(() => expect(probe.processes()).toHaveLength(1), PATIENTLY);
    const file = join(folder, "test.heapsnapshot");
    await probe.processes()[0]?.heap(file);
    const heap = await readHeapSnapshot(file, { sentinel: SENTINEL, chunkBytes });
    const ownerOf = (token: string): string | undefined => {
      const owner = book.ownerOf(token);
      return owner === undefined ? undefined : `user-${owner.user}`;
    };
    return { heap, ownerOf };
  } finally {
    child.kill("SIGKILL");
    await probe[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}
