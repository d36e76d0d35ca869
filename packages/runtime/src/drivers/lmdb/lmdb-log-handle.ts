import type { UserContext } from "../../context/user-context.ts";
import type {
  LoggedRun,
  LogRecord,
  NewRecord,
  PageSize,
  UserEventLog,
} from "../../event-log/event-log.ts";
import { closedError, fencedError } from "../log-errors.ts";
import type { LmdbLogs } from "./lmdb-logs.ts";
import type { LmdbUserLog } from "./lmdb-user-log.ts";

/** What a handle shows of its log. */
export interface LogIdentity {
  readonly user: UserContext;
  readonly epoch: string;
  readonly cursorKey: Uint8Array;
}

/** A user's log as one opener has it. What all logs share, it holds weakly. */
export class LmdbLogHandle implements UserEventLog {
  readonly user: UserContext;
  readonly epoch: string;
  readonly cursorKey: Uint8Array;
  readonly #log: LmdbUserLog;
  readonly #writer: object;
  readonly #logs: WeakRef<LmdbLogs>;
  #closing: Promise<void> | undefined;

  constructor(identity: LogIdentity, log: LmdbUserLog, writer: object, logs: LmdbLogs) {
    this.user = identity.user;
    this.epoch = identity.epoch;
    this.cursorKey = identity.cursorKey;
    this.#log = log;
    this.#writer = writer;
    this.#logs = new WeakRef(logs);
  }

  get first(): number {
    return this.#log.first;
  }

  get last(): number {
    return this.#log.last;
  }

  async append(records: readonly NewRecord[]): Promise<number> {
    return this.#usable().append(this.#log, this.#writer, records);
  }

  async read(after: number, page: PageSize): Promise<readonly LogRecord[]> {
    return this.#usable().read(this.#log, after, page);
  }

  async runs(): Promise<readonly LoggedRun[]> {
    this.#usable();
    return this.#log.runs();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#log.writer !== this.#writer) return;
    await this.#logs.deref()?.close(this.user, this.#log, this.#writer);
  }

  #usable(): LmdbLogs {
    const logs = this.#logs.deref();
    if (this.#closing !== undefined || logs === undefined) throw closedError();
    if (this.#log.writer !== this.#writer) throw this.#log.gone?.() ?? fencedError();
    return logs;
  }
}
