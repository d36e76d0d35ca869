import { WatertightError } from "../../errors.ts";
import { closedError, unwritableError } from "../log-errors.ts";
import type { LmdbStore } from "./lmdb-store.ts";
import type { LmdbUserLog } from "./lmdb-user-log.ts";

/** What a transaction changes: who writes says so first, as from then on all of it must be taken back. */
export class Changes {
  readonly #logs = new Set<LmdbUserLog>();
  #count = 0;

  /** The logs that are to be shown what was committed, or to be set back. */
  get logs(): Iterable<LmdbUserLog> {
    return this.#logs;
  }

  get count(): number {
    return this.#count;
  }

  /** Something will be written; if a log that is at hand changes with it, it is named. */
  begin(log?: LmdbUserLog): void {
    this.#count += 1;
    if (log !== undefined) this.#logs.add(log);
  }
}

/** Something to be done within a transaction; a WatertightError refuses it alone, if it wrote nothing yet. */
export type Work<T> = (store: LmdbStore, changes: Changes) => T;

interface Job {
  readonly work: Work<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** So much is committed at once: the event loop must not wait for more. */
const MAX_JOBS = 512;
/** While there is much to do, transactions are this many milliseconds apart: each one costs. */
const PACE_MS = 1;
/** Committed, and visible; the system writes it to the disk by and by. */
const SYNCHRONOUS_UNFLUSHED: number = 0x10003;

/**
 * Commits what many users append in as few transactions as possible, in the order of the calls. A job
 * that fails fails alone, and of a transaction that can't be committed nothing remains.
 */
export class GroupCommit {
  readonly #store: LmdbStore;
  readonly #durability: "process" | "power";
  #queue: Job[] = [];
  #isScheduled = false;
  #isClosed = false;
  #lastAt = 0;
  #commits = 0;
  #idle: (() => void)[] = [];

  constructor(store: LmdbStore, durability: "process" | "power") {
    this.#store = store;
    this.#durability = durability;
  }

  /** How many transactions were committed. */
  get commits(): number {
    return this.#commits;
  }

  /** Does `work` within a transaction; resolves or rejects once that was committed or was not. */
  run<T>(work: Work<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(closedError());
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#schedule();
    });
  }

  /** Commits what is queued and takes nothing new. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (!this.#isScheduled) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const isBusy = performance.now() - this.#lastAt < PACE_MS;
    const flush = (): void => void this.#flush();
    if (isBusy) setTimeout(flush, PACE_MS);
    else setImmediate(flush);
  }

  async #flush(): Promise<void> {
    const jobs = this.#queue.splice(0, MAX_JOBS);
    await this.#commit(jobs);
    this.#lastAt = performance.now();
    this.#isScheduled = false;
    if (this.#queue.length > 0) return this.#schedule();
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #commit(jobs: readonly Job[]): Promise<void> {
    const changes = new Changes();
    try {
      const outcomes = await this.#transact(() => jobs.map((job) => this.#attempt(job, changes)));
      this.#commits += 1;
      for (const log of changes.logs) log.publish();
      for (const [index, job] of jobs.entries()) settle(job, outcomes[index]);
    } catch (error) {
      this.#setBack(changes);
      const [job, another] = jobs;
      if (another === undefined) job?.reject(this.#explain(error));
      // One of them may be to blame: each for itself, so that the others need not suffer.
      else for (const one of jobs) await this.#commit([one]);
    }
  }

  /** With the process alone to outlive, a commit is so quick that handing it to a thread costs more. */
  #transact(work: () => readonly Outcome[]): readonly Outcome[] | Promise<readonly Outcome[]> {
    const { root } = this.#store;
    if (this.#durability === "power") return root.transaction(work);
    return root.transactionSync(work, SYNCHRONOUS_UNFLUSHED);
  }

  #attempt({ work }: Job, changes: Changes): Outcome {
    const { count } = changes;
    try {
      return { value: work(this.#store, changes) };
    } catch (error) {
      if (changes.count > count || !WatertightError.is(error)) throw error;
      return { error };
    }
  }

  #setBack({ logs }: Changes): void {
    for (const log of logs) {
      try {
        log.load(this.#store);
      } catch (error) {
        log.gone = () => this.#store.unreadable("a log that can't be read any more", error);
        log.writer = undefined;
      }
    }
  }

  #explain(error: unknown): unknown {
    return WatertightError.is(error) ? error : unwritableError(this.#store.folder, error);
  }
}

function settle({ resolve, reject }: Job, outcome: Outcome | undefined): void {
  if (outcome !== undefined && "value" in outcome) resolve(outcome.value);
  else reject(outcome?.error);
}
