import { checkUser, type UserContext } from "../../context/user-context.ts";
import type {
  EventLog,
  LoggedRun,
  LogRecord,
  NewRecord,
  PageSize,
  Retention,
  Sharing,
  UserEventLog,
} from "../../event-log/event-log.ts";
import { callable, wholeNumber } from "../../internal/options.ts";
import { LogClock, steadyNow } from "../log-clock.ts";
import { closedError, fencedError } from "../log-errors.ts";
import { createSecret, deriveCursorKey, resolveRetention, resolveSecret } from "../log-options.ts";
import { MemoryUserLog, type SharedBounds } from "./memory-user-log.ts";

/** How much memory the logs may take; every limit has a default. */
export interface MemoryEventLogOptions {
  readonly retention?: Retention;
  /**
   * Bytes of all logs together. Each user may take an equal share of it, but never less than 4 KiB:
   * what one user writes trims that user's history only. Default: 256 MiB.
   */
  readonly maxTotalBytes?: number;
  /** What cursors are signed with, at least 32 bytes. Default: random, so cursors end with the process. */
  readonly secret?: string | Uint8Array;
  /** The clock, in milliseconds since the epoch. Default: one that does not jump. */
  readonly now?: () => number;
}

const MIN_SHARE_BYTES = 4 * 1024;
/** So many logs are looked at by one sweep; the next one goes on from there. */
const SWEEP_LOGS = 1000;

interface ResolvedOptions {
  readonly retention: Readonly<Required<Retention>>;
  readonly maxTotalBytes: number;
  readonly secret: Uint8Array;
  readonly now: () => number;
}

/** The logs of all users in the memory of this process: gone with it. */
export class MemoryEventLog implements EventLog {
  readonly isShareable = true;
  readonly #secret: Uint8Array;
  readonly #logs = new Map<string, MemoryUserLog>();
  readonly #bounds: SharedBounds;
  readonly #count = { logs: 0 };
  readonly #sweepTimer: NodeJS.Timeout;
  #swept: Iterator<[string, MemoryUserLog]> = this.#logs.entries();
  #isDisposed = false;

  /** @internal Use {@link createMemoryEventLog}. */
  constructor({ retention, maxTotalBytes, secret, now }: ResolvedOptions) {
    this.#secret = secret;
    this.#bounds = boundsOf(retention, new LogClock(now), this.#count, maxTotalBytes);
    const everyMs = Math.min(1000, Math.max(100, Math.floor(retention.maxAgeMs / 2)));
    this.#sweepTimer = setInterval(() => this.sweep(), everyMs).unref();
  }

  async open(user: UserContext, sharing: Sharing = "alone"): Promise<UserEventLog> {
    const { key } = checkUser(user);
    if (this.#isDisposed) throw closedError();
    const log = this.#logs.get(key) ?? new MemoryUserLog(this.#bounds);
    this.#logs.set(key, log);
    this.#count.logs = this.#logs.size;
    const handle = new MemoryLogHandle(user, log, deriveCursorKey(this.#secret, user));
    log.enter(handle, sharing);
    return handle;
  }

  async erase(user: UserContext): Promise<void> {
    const { key } = checkUser(user);
    if (this.#isDisposed) throw closedError();
    this.#forget(key);
  }

  /** Trims some logs, and forgets those that are empty and that nobody has open. A timer calls it. */
  sweep(): void {
    for (let visited = 0; visited < SWEEP_LOGS; visited += 1) {
      const next = this.#swept.next();
      if (next.done === true) {
        this.#swept = this.#logs.entries();
        return;
      }
      const [key, log] = next.value;
      log.trim();
      if (log.isForgettable) this.#forget(key);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    clearInterval(this.#sweepTimer);
    for (const key of this.#logs.keys()) this.#forget(key, closedError);
  }

  #forget(key: string, reason: () => Error = fencedError): void {
    this.#logs.get(key)?.forget(reason);
    this.#logs.delete(key);
    this.#count.logs = this.#logs.size;
  }
}

/** Made by a function of its own, so that no log holds the table of all. */
function boundsOf(
  retention: Readonly<Required<Retention>>,
  clock: LogClock,
  count: { readonly logs: number },
  maxTotalBytes: number,
): SharedBounds {
  const share = (): number => Math.max(MIN_SHARE_BYTES, maxTotalBytes / Math.max(1, count.logs));
  return { retention, clock, share };
}

/** A user's log as one opener has it. It leads to that user's log, and to nobody else's. */
class MemoryLogHandle implements UserEventLog {
  readonly user: UserContext;
  readonly epoch: string;
  readonly cursorKey: Uint8Array;
  readonly #log: MemoryUserLog;
  #isClosed = false;

  constructor(user: UserContext, log: MemoryUserLog, cursorKey: Uint8Array) {
    this.user = user;
    this.epoch = log.epoch;
    this.cursorKey = cursorKey;
    this.#log = log;
  }

  get first(): number {
    return this.#log.first;
  }

  get last(): number {
    return this.#log.last;
  }

  async append(records: readonly NewRecord[]): Promise<number> {
    return this.#usable().append(records, this);
  }

  async read(after: number, page: PageSize): Promise<readonly LogRecord[]> {
    return this.#usable().read(after, page);
  }

  async runs(): Promise<readonly LoggedRun[]> {
    return this.#usable().runs(this);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#log.leave(this);
  }

  #usable(): MemoryUserLog {
    if (this.#isClosed) throw closedError();
    if (!this.#log.writers.has(this)) throw this.#log.gone?.() ?? fencedError();
    return this.#log;
  }
}

/** Makes a log in memory. Throws WT_OPTION_INVALID. */
export function createMemoryEventLog(options: MemoryEventLogOptions = {}): MemoryEventLog {
  const { retention, maxTotalBytes = 256 * 1024 * 1024, secret, now = steadyNow } = options;
  return new MemoryEventLog({
    retention: resolveRetention(retention),
    maxTotalBytes: wholeNumber("maxTotalBytes", maxTotalBytes),
    secret: secret === undefined ? createSecret() : resolveSecret(secret),
    now: callable("now", now),
  });
}
