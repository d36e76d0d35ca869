import { mkdirSync, realpathSync } from "node:fs";
import { checkUser, type UserContext } from "../../context/user-context.ts";
import { WatertightError } from "../../errors.ts";
import type { EventLog, Retention, UserEventLog } from "../../event-log/event-log.ts";
import { callable } from "../../internal/options.ts";
import { LogClock, steadyNow } from "../log-clock.ts";
import { closedError, unreadableError, unwritableError } from "../log-errors.ts";
import {
  createEpoch,
  createSecret,
  deriveCursorKey,
  resolveRetention,
  resolveSecret,
} from "../log-options.ts";
import { lockFolder } from "./folder-lock.ts";
import { LmdbLogHandle } from "./lmdb-log-handle.ts";
import { LmdbLogs } from "./lmdb-logs.ts";
import { type LmdbStore, openStore } from "./lmdb-store.ts";
import { mayHaveLost, readBootId, readSession, writeSession } from "./machine-session.ts";

/** Where the logs are and how they are kept; every limit has a default. */
export interface LmdbEventLogOptions {
  /** The folder of this store, and of nothing else; made if it is not there. */
  readonly folder: string;
  readonly retention?: Retention;
  /**
   * What an appended record outlives. `process`: the end of this process, however it comes. If the
   * whole machine stops, what was appended in the last second or so may be lost, and the file may be
   * damaged: the store is read through then, and refused with WT_LOG_UNREADABLE or opened with a new
   * epoch for every log, so that each client is told. `power`: the machine's end as well; every
   * append waits for the disk. Default: `process`.
   */
  readonly durability?: "process" | "power";
  /** What cursors are signed with, at least 32 bytes. Default: random, made once and kept in the folder. */
  readonly secret?: string | Uint8Array;
  /**
   * Gives every log a new epoch. Needed once after the folder was restored from a backup: numbers
   * that clients have seen are given again. Default: `false`.
   */
  readonly newEpoch?: boolean;
  /** The clock, in milliseconds since the epoch. Default: one that does not jump. */
  readonly now?: () => number;
}

interface Parts {
  readonly store: LmdbStore;
  readonly logs: LmdbLogs;
  readonly secret: Uint8Array;
  readonly generation: string;
  /** Lets go of the folder. */
  readonly release: () => Promise<void>;
}

const SWEEP_MS = 1000;

/** The logs of all users in one folder. One process at a time has it open. */
export class LmdbEventLog implements EventLog {
  readonly #parts: Parts;
  readonly #sweepTimer: NodeJS.Timeout;
  #disposing: Promise<void> | undefined;

  /** @internal Use {@link createLmdbEventLog}. */
  constructor(parts: Parts) {
    this.#parts = parts;
    // A sweep that failed is tried again: what it would have trimmed is still there.
    this.#sweepTimer = setInterval(() => void this.sweep().catch(() => {}), SWEEP_MS).unref();
  }

  async open(user: UserContext): Promise<UserEventLog> {
    const { logs, secret, generation } = this.#usable();
    checkUser(user);
    const writer = {};
    const log = await logs.open(user, writer);
    const identity = {
      user,
      epoch: `${log.epoch}${generation}`,
      cursorKey: deriveCursorKey(secret, user),
    };
    return new LmdbLogHandle(identity, log, writer, logs);
  }

  /** The same as of every log; the disk may have what was erased until it is written over. */
  async erase(user: UserContext): Promise<void> {
    await this.#usable().logs.erase(checkUser(user));
  }

  /** Trims some logs, and forgets those that are empty and that nobody has open. A timer calls it. */
  async sweep(): Promise<void> {
    if (this.#disposing === undefined) await this.#parts.logs.sweep();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposing ??= this.#dispose();
    return this.#disposing;
  }

  async #dispose(): Promise<void> {
    clearInterval(this.#sweepTimer);
    const { logs, store, release } = this.#parts;
    try {
      await logs.dispose();
      await store.close();
    } finally {
      await release();
    }
  }

  #usable(): Parts {
    if (this.#disposing !== undefined) throw closedError();
    return this.#parts;
  }
}

/**
 * Opens the logs in a folder, new if there are none. Throws WT_OPTION_INVALID, WT_LOG_LOCKED while
 * another opener has it, and WT_LOG_UNREADABLE if what is in it is no log or was damaged.
 */
export function createLmdbEventLog(options: LmdbEventLogOptions): LmdbEventLog {
  const { durability = "process", now = steadyNow, secret, newEpoch = false } = options;
  checkOptions(options.folder, durability, newEpoch);
  callable("now", now);
  const retention = resolveRetention(options.retention);
  const givenSecret = secret === undefined ? undefined : resolveSecret(secret);
  const folder = prepareFolder(options.folder);
  const release = lockFolder(folder);
  try {
    const hasStopped = mayHaveLost(readSession(folder), readBootId());
    // What the machine had not written may be missing anywhere in the file.
    const store = openStore(folder, durability, hasStopped);
    const mustRenew = newEpoch || hasStopped;
    const { clock, ...facts } = beginSession(store, durability, givenSecret, mustRenew);
    const logs = new LmdbLogs(store, { retention, durability, clock: new LogClock(now, clock) });
    return new LmdbEventLog({ store, logs, ...facts, release });
  } catch (error) {
    void release();
    throw error;
  }
}

interface Facts {
  readonly secret: Uint8Array;
  readonly generation: string;
  /** The latest time that was noted. */
  readonly clock: number;
}

function beginSession(
  store: LmdbStore,
  durability: "process" | "power",
  givenSecret: Uint8Array | undefined,
  mustRenew: boolean,
): Facts {
  try {
    const facts = store.writeAtOnce(() => prepareFacts(store, givenSecret, mustRenew));
    writeSession(store.folder, { bootId: readBootId(), durability, isClosed: false });
    return facts;
  } catch (error) {
    void store.abandon();
    throw unwritableError(store.folder, error);
  }
}

function prepareFacts(
  store: LmdbStore,
  givenSecret: Uint8Array | undefined,
  mustRenew: boolean,
): Facts {
  const stored = store.getFact("secret");
  const secret =
    givenSecret ?? (stored === undefined ? createSecret() : Buffer.from(stored, "hex"));
  if (givenSecret === undefined) store.putFact("secret", Buffer.from(secret).toString("hex"));
  const generation = mustRenew ? createEpoch() : (store.getFact("generation") ?? "");
  store.putFact("generation", generation);
  return { secret, generation, clock: Number(store.getFact("clock") ?? 0) };
}

function prepareFolder(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true });
    return realpathSync(folder);
  } catch (error) {
    throw unreadableError(folder, error instanceof Error ? error.message : String(error), error);
  }
}

function checkOptions(folder: unknown, durability: unknown, newEpoch: unknown): void {
  const [name, expected, found] =
    typeof folder !== "string" || folder === ""
      ? ["folder", "a path", typeof folder]
      : durability !== "process" && durability !== "power"
        ? ["durability", "`process` or `power`", String(durability)]
        : ["newEpoch", "a boolean", typeof newEpoch];
  if (name === "newEpoch" && typeof newEpoch === "boolean") return;
  throw new WatertightError(
    "WT_OPTION_INVALID",
    `Expected \`${name}\` to be ${expected}, got ${found}`,
  );
}
