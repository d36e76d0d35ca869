import type { UserContext } from "../../context/user-context.ts";
import { WatertightError } from "../../errors.ts";
import type { LogRecord, NewRecord, PageSize, Retention } from "../../event-log/event-log.ts";
import type { LogClock } from "../log-clock.ts";
import { closedError, fencedError } from "../log-errors.ts";
import { createEpoch, keepUnwrittenMs } from "../log-options.ts";
import { type Changes, GroupCommit } from "./group-commit.ts";
import { userKey } from "./keys.ts";
import type { LmdbStore, StoredLog } from "./lmdb-store.ts";
import { LmdbUserLog, type TrimRule } from "./lmdb-user-log.ts";

/** How the logs are kept. */
export interface LmdbLogsOptions {
  readonly retention: Readonly<Required<Retention>>;
  readonly durability: "process" | "power";
  readonly clock: LogClock;
}

/** So long a step of the sweep may take, in milliseconds; of one log it removes so many chunks at once. */
const STEP_MS = 2;
const STEP_CHUNKS = 64;
const BEFORE_ALL = "\0";

/** The logs that are open, and what is done to all. Who has one log holds this weakly. */
export class LmdbLogs {
  readonly #store: LmdbStore;
  readonly #options: LmdbLogsOptions;
  readonly #commit: GroupCommit;
  readonly #open = new Map<string, LmdbUserLog>();
  /** How often a log is being opened just now: the sweep must not think that nobody wants it. */
  readonly #opening = new Map<string, number>();
  #sweptKey: Buffer = Buffer.from(BEFORE_ALL);
  #sweptCommits = 0;
  #sweeping: Promise<void> | undefined;

  constructor(store: LmdbStore, options: LmdbLogsOptions) {
    this.#store = store;
    this.#options = options;
    this.#commit = new GroupCommit(store, options.durability);
  }

  /** Opens the user's log for `writer`, who takes the place of whoever had it. */
  async open(user: UserContext, writer: object): Promise<LmdbUserLog> {
    const { key } = user;
    this.#opening.set(key, (this.#opening.get(key) ?? 0) + 1);
    try {
      const opened = await this.#commit.run((store, changes) => this.#load(store, changes, user));
      // Two may have opened it in one transaction.
      const log = this.#open.get(key) ?? opened;
      this.#open.set(key, log);
      log.writer = writer;
      return log;
    } finally {
      const others = (this.#opening.get(key) ?? 1) - 1;
      if (others > 0) this.#opening.set(key, others);
      else this.#opening.delete(key);
    }
  }

  append(log: LmdbUserLog, writer: object, records: readonly NewRecord[]): Promise<number> {
    return this.#commit.run((store, changes) => {
      if (log.writer !== writer) throw log.gone?.() ?? fencedError();
      log.check(records);
      changes.begin(log);
      return log.append(store, records, this.#rule());
    });
  }

  read(log: LmdbUserLog, after: number, page: PageSize): readonly LogRecord[] {
    return log.read(this.#store, after, page);
  }

  /** Once all is done that was asked for before, `writer` has the log no more. */
  close({ key }: UserContext, log: LmdbUserLog, writer: object): Promise<void> {
    return this.#commit.run((store, changes) => {
      if (log.writer !== writer) return;
      log.writer = undefined;
      if (log.last === 0) {
        changes.begin();
        log.noteUse(store, this.#rule().time);
      }
      if (this.#open.get(key) === log) this.#open.delete(key);
    });
  }

  /** Forgets the user's log; resolves when nothing of it is left. */
  async erase(user: UserContext): Promise<void> {
    const logId = await this.#commit.run((store, changes) => {
      const key = userKey(user.key);
      const found = store.getLog(key);
      if (found === undefined) return undefined;
      changes.begin();
      store.removeLog(key);
      store.markErased(found.logId);
      this.#shut(user.key, fencedError);
      return found.logId;
    });
    if (logId !== undefined) await this.#removeErased(logId);
  }

  /**
   * Trims the logs of users who are away, and forgets those that are empty then; goes on where the
   * last call ended, for a few milliseconds.
   */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep().finally(() => (this.#sweeping = undefined));
    return this.#sweeping;
  }

  /** Commits what waits, and ends. Whoever has a log open is told so from then on. */
  async dispose(): Promise<void> {
    await this.#sweeping?.catch(() => {});
    // Best effort: without it, ages are told by a clock that stood still since the last sweep.
    const noting = this.#commit.run((store, changes) => this.#noteTime(store, changes));
    await Promise.all([noting.catch(() => {}), this.#commit.close()]);
    for (const key of this.#open.keys()) this.#shut(key, closedError);
  }

  async #sweep(): Promise<void> {
    const erased = this.#store.anyErased();
    if (erased !== undefined) await this.#removeErased(erased);
    const isChanged = this.#commit.commits !== this.#sweptCommits;
    await this.#commit.run((store, changes) => {
      if (isChanged) this.#noteTime(store, changes);
      const end = performance.now() + STEP_MS;
      while (this.#sweepNext(store, changes) && performance.now() < end);
    });
    if (isChanged && this.#options.durability === "process") await this.#store.flush();
    this.#sweptCommits = this.#commit.commits;
  }

  #noteTime(store: LmdbStore, changes: Changes): void {
    changes.begin();
    store.putFact("clock", String(this.#rule().time));
  }

  /** Sweeps one log, or a part of it; answers whether there may be more. */
  #sweepNext(store: LmdbStore, changes: Changes): boolean {
    const key = store.nextLogKey(this.#sweptKey);
    const stored = key === undefined ? undefined : store.getLog(key);
    if (key === undefined || stored === undefined) {
      this.#sweptKey = Buffer.from(BEFORE_ALL);
      return false;
    }
    const isDone = this.#opening.has(stored.key) || this.#trySweep(store, changes, key, stored);
    if (isDone) this.#sweptKey = Buffer.concat([key, Buffer.from(BEFORE_ALL)]);
    return true;
  }

  /** A log that can't be read must not keep the sweep from all that come after it. */
  #trySweep(store: LmdbStore, changes: Changes, key: Buffer, stored: StoredLog): boolean {
    try {
      return this.#sweepLog(store, changes, key, stored);
    } catch (error) {
      if (WatertightError.is(error)) return true;
      throw error;
    }
  }

  #sweepLog(store: LmdbStore, changes: Changes, key: Buffer, stored: StoredLog): boolean {
    const rule = this.#rule();
    const open = this.#open.get(stored.key);
    if (open !== undefined) {
      changes.begin(open);
      return open.trim(store, rule, STEP_CHUNKS);
    }
    const oldest = store.chunkFrom(stored.logId, 0);
    if (oldest !== undefined && oldest.time >= rule.time - rule.retention.maxAgeMs) return true;
    changes.begin();
    const log = new LmdbUserLog(key, stored);
    log.load(store);
    const isDone = log.trim(store, rule, STEP_CHUNKS);
    log.publish();
    if (log.first <= log.last) return isDone;
    const { usedAt, last } = stored;
    const isMissed = log.last + last === 0 && rule.time - usedAt <= keepUnwrittenMs(rule.retention);
    if (isMissed) return true;
    store.removeLog(key);
    store.markErased(stored.logId);
    return true;
  }

  #load(store: LmdbStore, changes: Changes, user: UserContext): LmdbUserLog {
    const open = this.#open.get(user.key);
    if (open !== undefined) return open;
    const key = userKey(user.key);
    const found = store.getLog(key);
    if (found !== undefined && found.key !== user.key) {
      throw store.unreadable("the log of another user in this one's place");
    }
    if (found === undefined) changes.begin();
    const log = new LmdbUserLog(key, found ?? createLog(store, key, user));
    log.load(store);
    changes.begin(log);
    if (log.last === 0) log.noteUse(store, this.#rule().time);
    log.trim(store, this.#rule());
    return log;
  }

  /** Whoever has the log open is told why that is over. */
  #shut(key: string, reason: () => Error): void {
    const log = this.#open.get(key);
    if (log === undefined) return;
    this.#open.delete(key);
    log.writer = undefined;
    log.gone = reason;
  }

  async #removeErased(logId: number): Promise<void> {
    const step = (store: LmdbStore, changes: Changes): boolean => {
      changes.begin();
      return store.removeErased(logId, STEP_CHUNKS);
    };
    while (!(await this.#commit.run(step)));
  }

  #rule(): TrimRule {
    const { retention, clock } = this.#options;
    return { retention, time: Math.floor(clock.read()) };
  }
}

function createLog(store: LmdbStore, key: Buffer, user: UserContext): StoredLog {
  const logId = Number(store.getFact("nextLogId") ?? 1);
  store.putFact("nextLogId", String(logId + 1));
  const log = { key: user.key, logId, epoch: createEpoch(), last: 0, usedAt: 0 };
  store.putLog(key, log);
  return log;
}
