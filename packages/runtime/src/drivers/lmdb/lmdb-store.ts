import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Database, open, type RootDatabase } from "lmdb";
import type { LoggedRun } from "../../event-log/event-log.ts";
import { unreadableError } from "../log-errors.ts";
import { type Chunk, decodeChunk } from "./chunk.ts";
import { inspectDataFile } from "./data-file.ts";
import { readSession, writeSession } from "./machine-session.ts";
import { isWhole } from "./verify-store.ts";
import { placeKey, readPlaceKey } from "./keys.ts";

/** Of which user a stored log is, and what its records can't tell. */
export interface StoredLog {
  /** The user's whole key: the record is found by a hash of it. */
  readonly key: string;
  readonly logId: number;
  readonly epoch: string;
  /** The number of the newest record, from when none was kept any more. */
  readonly last: number;
  /** When somebody last came or left, as long as nothing was ever written. */
  readonly usedAt: number;
}

/** What is known of the store as a whole. */
export interface StoreFacts {
  format?: string;
  secret?: string;
  generation?: string;
  nextLogId?: string;
  clock?: string;
}

type Table = Database<Buffer, Buffer>;

const FORMAT = "watertight event log 1";
const BINARY = Object.freeze({ keyEncoding: "binary", encoding: "binary" } as const);
/** Behind the last place that a log can have. */
const END = 2 ** 48 - 1;

/** The tables of a store: what is where, and nothing of what it means. */
export class LmdbStore {
  readonly folder: string;
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #facts: Table;
  readonly #logs: Table;
  readonly #chunks: Table;
  readonly #runs: Table;
  readonly #erased: Table;

  /** @internal Use {@link openStore}. */
  constructor(folder: string, root: RootDatabase<Buffer, Buffer>) {
    this.folder = folder;
    this.#root = root;
    const table = (name: string): Table => root.openDB<Buffer, Buffer>(name, BINARY);
    this.#facts = table("facts");
    this.#logs = table("logs");
    this.#chunks = table("chunks");
    this.#runs = table("runs");
    this.#erased = table("erased");
  }

  get root(): RootDatabase<Buffer, Buffer> {
    return this.#root;
  }

  /** Does `work` in a transaction of its own, and waits for the disk. */
  writeAtOnce<T>(work: () => T): T {
    return this.#root.transactionSync(work);
  }

  /** Resolves when all that was committed is on the disk. */
  flush(): Promise<void> {
    // Not in the types: the native call, on a thread of its own.
    const root = this.#root as unknown as { sync(done: (error?: Error | null) => void): void };
    return new Promise((resolve, reject) => {
      root.sync((error) => (error ? reject(error) : resolve()));
    });
  }

  /** Waits for the disk and closes; notes that nothing was lost. */
  async close(): Promise<void> {
    try {
      await this.flush();
      const session = readSession(this.folder);
      if (session !== undefined) writeSession(this.folder, { ...session, isClosed: true });
    } finally {
      await this.abandon();
    }
  }

  /** Closes as it is. */
  async abandon(): Promise<void> {
    await this.#root.close();
  }

  getFact(name: keyof StoreFacts): string | undefined {
    return this.#facts.getBinary(Buffer.from(name))?.toString();
  }

  putFact(name: keyof StoreFacts, value: string): void {
    this.#facts.putSync(Buffer.from(name), Buffer.from(value));
  }

  getLog(key: Buffer): StoredLog | undefined {
    const value = this.#logs.getBinary(key);
    return value === undefined ? undefined : this.#parse<StoredLog>(value);
  }

  putLog(key: Buffer, log: StoredLog): void {
    this.#logs.putSync(key, Buffer.from(JSON.stringify(log)));
  }

  removeLog(key: Buffer): void {
    this.#logs.removeSync(key);
  }

  /** The key of the first log at or after `key`. */
  nextLogKey(key: Buffer): Buffer | undefined {
    const [next] = this.#logs.getKeys({ start: key, limit: 1 });
    return next;
  }

  /** The chunk with record `seq`, or the first one after it. */
  chunkFrom(logId: number, seq: number): Chunk | undefined {
    const range = { start: placeKey(logId, seq), end: placeKey(logId, END), limit: 1 };
    for (const { key, value } of this.#chunks.getRange(range)) return this.#chunk(key, value);
    return undefined;
  }

  /** The chunks from the one with record `seq` on. */
  *chunksFrom(logId: number, seq: number): Generator<Chunk> {
    const range = { start: placeKey(logId, seq), end: placeKey(logId, END) };
    for (const { key, value } of this.#chunks.getRange(range)) yield this.#chunk(key, value);
  }

  /** The chunk with the newest record. */
  lastChunk(logId: number): Chunk | undefined {
    const range = { start: placeKey(logId, END), end: placeKey(logId, 0), reverse: true, limit: 1 };
    for (const { key, value } of this.#chunks.getRange(range)) return this.#chunk(key, value);
    return undefined;
  }

  putChunk(logId: number, lastSeq: number, value: Buffer): void {
    this.#chunks.putSync(placeKey(logId, lastSeq), value);
  }

  removeChunk(logId: number, lastSeq: number): void {
    this.#chunks.removeSync(placeKey(logId, lastSeq));
  }

  runs(logId: number): readonly LoggedRun[] {
    const range = { start: placeKey(logId, 0), end: placeKey(logId, END) };
    return [...this.#runs.getRange(range)].map(({ value }) => {
      const run = this.#parse<LoggedRun>(value);
      return Object.freeze({ ...run, lastSeq: run.lastSeq });
    });
  }

  putRun(logId: number, run: LoggedRun): void {
    this.#runs.putSync(placeKey(logId, run.firstSeq), Buffer.from(JSON.stringify(run)));
  }

  removeRun(logId: number, run: LoggedRun): void {
    this.#runs.removeSync(placeKey(logId, run.firstSeq));
  }

  /** Notes that nobody can reach the log any more, so that what is left of it is removed by and by. */
  markErased(logId: number): void {
    this.#erased.putSync(placeKey(logId, 0), Buffer.from([1]));
  }

  /** Some log of which something may be left. */
  anyErased(): number | undefined {
    const [key] = this.#erased.getKeys({ limit: 1 });
    return key === undefined ? undefined : readPlaceKey(key).logId;
  }

  /** Removes some of what is left of an erased log; answers whether nothing is left. */
  removeErased(logId: number, limit: number): boolean {
    const range = { start: placeKey(logId, 0), end: placeKey(logId, END), limit };
    let removed = 0;
    for (const table of [this.#chunks, this.#runs]) {
      for (const key of Array.from(table.getKeys(range))) {
        table.removeSync(key);
        removed += 1;
      }
    }
    if (removed > 0) return false;
    this.#erased.removeSync(placeKey(logId, 0));
    return true;
  }

  unreadable(found: string, cause?: unknown): Error {
    return unreadableError(this.folder, found, cause);
  }

  #chunk(key: Buffer, value: Buffer): Chunk {
    const { seq } = readPlaceKey(key);
    const chunk = decodeChunk(value, seq);
    if (chunk === undefined) throw this.unreadable(`a torn record before number ${seq + 1}`);
    return chunk;
  }

  #parse<T>(value: Buffer): T {
    try {
      return JSON.parse(value.toString()) as T;
    } catch (error) {
      throw this.unreadable("an entry that is torn", error);
    }
  }
}

/**
 * Opens the store in a folder that was locked, new if there is none; `mustVerify` reads all of it.
 * Throws WT_LOG_UNREADABLE if what is there is something else, or was damaged.
 */
export function openStore(
  folder: string,
  durability: "process" | "power",
  mustVerify: boolean,
): LmdbStore {
  try {
    mkdirSync(folder, { recursive: true });
    const found = inspectDataFile(join(folder, "data.mdb"));
    if (found === "foreign")
      throw unreadableError(folder, "a data.mdb that is no lmdb file of ours");
    const isDoubtful = found === "short" || (found === "whole" && mustVerify);
    if (isDoubtful && !isWhole(folder, "chunks", ["facts", "logs", "runs", "erased"])) {
      throw unreadableError(folder, "a damaged data.mdb");
    }
    const noSync = durability === "process";
    const options = { ...BINARY, maxDbs: 8, overlappingSync: false, noSync };
    const root = open<Buffer, Buffer>({ path: folder, ...options });
    return prepare(folder, root);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "WT_LOG_UNREADABLE")
      throw error;
    throw unreadableError(folder, error instanceof Error ? error.message : String(error), error);
  }
}

function prepare(folder: string, root: RootDatabase<Buffer, Buffer>): LmdbStore {
  try {
    const isEmpty = [...root.getKeys({ limit: 1 })].length === 0;
    const store = new LmdbStore(folder, root);
    if (isEmpty) store.putFact("format", FORMAT);
    const format = store.getFact("format");
    if (format !== FORMAT) throw unreadableError(folder, "a database of something else");
    return store;
  } catch (error) {
    void root.close();
    throw error;
  }
}
