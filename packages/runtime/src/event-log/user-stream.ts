import { checkUser, type UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import { createCursorCodec, type CursorCodec, type ReadCursor } from "./cursor.ts";
import type {
  EventLog,
  LoggedRun,
  LogRecord,
  NewRecord,
  PageSize,
  UserEventLog,
} from "./event-log.ts";
import { RunIndex } from "./run-index.ts";
import type {
  AppendResult,
  Follower,
  ResolvedStreamOptions,
  UserStreamOptions,
} from "./stream-options.ts";

export type { AppendRefusal, AppendResult, Follower, UserStreamOptions } from "./stream-options.ts";

interface Pending {
  readonly record: NewRecord;
  readonly settle: (result: AppendResult) => void;
}

/** So many records go to the log at once. */
const BATCH = 256;
/** So much is read at once of what others wrote. */
const PAGE = Object.freeze({ maxRecords: 256, maxBytes: 256 * 1024 });
/** From so many waiting records on, who makes them should wait. */
const HIGH_WATER = 64;

/**
 * One user's log as it is lived with: what is appended is written in order, numbered, and told to
 * followers only after that, so that nobody sees what a crash could take back. A stream that failed
 * stays failed: who is connected must come back to a new one, which begins with what the log has.
 */
export class UserStream implements AsyncDisposable {
  readonly user: UserContext;
  /** Resolves when the log is open; rejects if it can't be opened. */
  readonly opened: Promise<void>;
  readonly #options: ResolvedStreamOptions;
  readonly #followers = new Set<Follower>();
  readonly #runs = new RunIndex();
  readonly #waiters = {
    room: [] as (() => void)[],
    rest: [] as (() => void)[],
    told: [] as (() => void)[],
  };
  readonly #failed: Promise<void>;
  #tellFailed: () => void = () => {};
  #pending: Pending[] = [];
  #log: UserEventLog | undefined;
  #cursors: CursorCodec | undefined;
  #state: "live" | "failed" | "disposed" = "live";
  #isWriting = false;
  #last = 0;
  /** The newest number that others are said to have written. */
  #announced = 0;
  /** How often they have said so. */
  #announcements = 0;

  /** @internal Use {@link createUserStream}. */
  constructor(user: UserContext, eventLog: EventLog, options: ResolvedStreamOptions) {
    this.user = user;
    this.#options = options;
    this.#failed = new Promise((resolve) => (this.#tellFailed = resolve));
    this.opened = this.#open(eventLog);
    this.opened.catch((error: unknown) => this.#fail(error));
  }

  /** Resolves when the log can't be written any more; never, if that does not happen. */
  get failed(): Promise<void> {
    return this.#failed;
  }

  /** The number of the newest record that followers were told of. */
  get last(): number {
    return this.#last;
  }

  /** The number of the oldest record that is kept. */
  get first(): number {
    return this.#opened().first;
  }

  /** Nothing waits for the log. */
  get isSettled(): boolean {
    return this.#pending.length === 0 && !this.#isWriting;
  }

  /** Few enough records wait for the log that more may be made. */
  get hasRoom(): boolean {
    return this.#pending.length < HIGH_WATER;
  }

  /**
   * Writes a record. Resolves once it is in the log and followers were told, or with why it is not;
   * never rejects. Records are written in the order of the calls.
   */
  append(record: NewRecord): Promise<AppendResult> {
    if (this.#state === "disposed") return Promise.resolve(REFUSED.disposed);
    if (this.#state === "failed") return Promise.resolve(REFUSED.failed);
    if (this.#pending.length >= this.#options.maxPendingRecords) {
      return Promise.resolve(REFUSED.behind);
    }
    this.#runs.expect(record);
    return new Promise((settle) => {
      this.#pending.push({ record, settle });
      if (!this.#isWriting) void this.#write();
    });
  }

  /**
   * Others have written to the log, up to number `last` as they say: followers are told of what is
   * there, in order, as of anything else.
   */
  catchUp(last: number): void {
    if (last <= this.#last || this.#state !== "live") return;
    this.#announcements += 1;
    this.#announced = Math.max(this.#announced, last);
    if (!this.#isWriting) void this.#write();
  }

  /** Resolves once followers were told of all that others had written; at once where nobody else writes. */
  refresh(): Promise<void> {
    if (this.#options.sharing === "alone" || this.#state !== "live") return Promise.resolve();
    const told = new Promise<void>((resolve) => this.#waiters.told.push(resolve));
    this.catchUp(Number.POSITIVE_INFINITY);
    return told;
  }

  /** Resolves as soon as there is room for more, at once if there is, and when the stream has ended. */
  room(): Promise<void> {
    if (this.hasRoom || this.#state !== "live") return Promise.resolve();
    return new Promise((resolve) => this.#waiters.room.push(resolve));
  }

  /** Resolves as soon as nothing waits for the log. */
  settled(): Promise<void> {
    if (this.isSettled) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.rest.push(resolve));
  }

  /** Tells `follower` of every record from now on; answers the disposer. */
  follow(follower: Follower): () => void {
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  /** The records after number `after`; rejects with WT_LOG_TRIMMED if some of them are gone. */
  read(after: number, page: PageSize): Promise<readonly LogRecord[]> {
    return this.#opened().read(after, page);
  }

  /** What the log knows of a run, from the moment on that its begin was appended. */
  findRun(runId: string): LoggedRun | undefined {
    return this.#runs.find(runId);
  }

  /** The runs that have no end, oldest first. */
  openRuns(): readonly LoggedRun[] {
    return this.#runs.open();
  }

  /** The cursor of a number: what a client hands in to go on after it. */
  cursor(seq: number): string {
    return this.#codec().write(seq);
  }

  /** Reads a cursor of this user. */
  readCursor(text: string): ReadCursor {
    return this.#codec().read(text);
  }

  /** Writes what waits, then closes the log. Idempotent. */
  async dispose(): Promise<void> {
    await this.opened.catch(() => {});
    await this.settled();
    if (this.#state === "live") this.#state = "disposed";
    this.#followers.clear();
    await this.#log?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #open(eventLog: EventLog): Promise<void> {
    const { sharing, after } = this.#options;
    await after;
    const log = await eventLog.open(this.user, sharing);
    this.#runs.load(await log.runs());
    this.#cursors = createCursorCodec(log);
    this.#last = log.last;
    this.#log = log;
  }

  get #hasWork(): boolean {
    return this.#state === "live" && (this.#pending.length > 0 || this.#announced > this.#last);
  }

  /** One batch is on its way at a time; what comes meanwhile is the next one. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      await this.opened;
      while (this.#hasWork) {
        if (this.#announced > this.#last) await this.#readTo(this.#announced);
        const batch = this.#pending.splice(0, BATCH);
        if (batch.length > 0) await this.#writeBatch(batch);
        if (this.hasRoom) wake(this.#waiters.room);
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#isWriting = false;
    if (this.#pending.length === 0) wake(this.#waiters.rest);
  }

  async #writeBatch(batch: readonly Pending[]): Promise<void> {
    try {
      const first = await this.#opened().append(batch.map(({ record }) => record));
      this.#options.onWritten?.(first + batch.length - 1);
      if (first > this.#last + 1) await this.#readTo(first - 1);
      this.#tell(batch, first);
    } catch (error) {
      for (const { settle } of batch) settle(REFUSED.failed);
      throw error;
    }
  }

  #tell(batch: readonly Pending[], first: number): void {
    const records = batch.map(({ record }, index): LogRecord => {
      const { threadId, runId, frame } = record;
      return { seq: first + index, threadId, runId, frame };
    });
    for (const [index, { record }] of batch.entries()) this.#runs.note(record, first + index);
    this.#runs.forget(this.first);
    this.#tellFollowers(records);
    for (const [index, { settle }] of batch.entries()) {
      settle({ status: "logged", seq: first + index });
    }
  }

  /** Tells what others wrote, up to a number; of what was trimmed meanwhile followers see that it is missing. */
  async #readTo(last: number): Promise<void> {
    const log = this.#opened();
    while (this.#last < last) {
      this.#last = Math.max(this.#last, log.first - 1);
      const heard = this.#announcements;
      const page = await log.read(this.#last, PAGE);
      const records = page.filter(({ seq }) => seq <= last);
      // What was announced before it was looked for, and is not there, was never written.
      if (records.length === 0 && heard === this.#announcements) this.#announced = this.#last;
      if (records.length === 0) break;
      if (records.some(({ frame }) => RUN_EVENT.test(frame))) this.#runs.renew(await log.runs());
      this.#tellFollowers(records);
    }
    if (this.#announced <= this.#last) wake(this.#waiters.told);
  }

  #tellFollowers(records: readonly LogRecord[]): void {
    this.#last = records.at(-1)?.seq ?? this.#last;
    for (const follower of this.#followers) {
      try {
        follower(records);
      } catch (error) {
        this.#options.onError(error, { stage: "follower" });
      }
    }
  }

  #fail(error: unknown): void {
    if (this.#state !== "live") return;
    this.#state = "failed";
    const refused = this.#pending;
    this.#pending = [];
    for (const { settle } of refused) settle(REFUSED.failed);
    wake(this.#waiters.room);
    wake(this.#waiters.rest);
    wake(this.#waiters.told);
    this.#tellFailed();
    this.#options.onError(error, { stage: "event-log" });
  }

  #opened(): UserEventLog {
    if (this.#log !== undefined) return this.#log;
    throw new WatertightError(
      "WT_SCOPE_DISPOSED",
      "Expected an open stream, got one whose log is not open. Wait for `opened` first.",
    );
  }

  #codec(): CursorCodec {
    this.#opened();
    return this.#cursors as CursorCodec;
  }
}

/** What begins or ends a run, as every frame of this runtime begins. */
const RUN_EVENT = /^\{"type":"RUN_/;

const REFUSED = Object.freeze({
  disposed: { status: "refused", reason: "disposed" },
  failed: { status: "refused", reason: "log-failed" },
  behind: { status: "refused", reason: "log-behind" },
} as const);

function wake(waiters: (() => void)[]): void {
  for (const resolve of waiters.splice(0)) resolve();
}

/** Makes the stream of a user's events; opening the log goes on meanwhile. Throws WT_CONTEXT_FORGED. */
export function createUserStream(
  user: UserContext,
  eventLog: EventLog,
  { maxPendingRecords = 10_000, sharing = "alone", after, onWritten, onError }: UserStreamOptions,
): UserStream {
  const options = { maxPendingRecords, sharing, after, onWritten, onError };
  return new UserStream(checkUser(user), eventLog, options);
}
