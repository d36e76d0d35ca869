import type { LoggedRun, NewRecord } from "../event-log/event-log.ts";
import { runConflictError } from "./log-errors.ts";

/** The runs that one user's log knows, oldest first. */
export class RunTable {
  readonly #runs = new Map<string, LoggedRun>();
  /** Ended runs in the order of their ends: the one that is trimmed first comes first. */
  readonly #ended = new Map<string, number>();

  constructor(runs: readonly LoggedRun[] = []) {
    for (const run of runs) this.#runs.set(run.runId, run);
    const ended = runs.flatMap(({ runId, lastSeq = 0 }) =>
      lastSeq > 0 ? [{ runId, lastSeq }] : [],
    );
    for (const { runId, lastSeq } of ended.toSorted((a, b) => a.lastSeq - b.lastSeq)) {
      this.#ended.set(runId, lastSeq);
    }
  }

  /** Throws WT_RUN_CONFLICT if one of the records begins a run that is known, or that another one begins. */
  check(records: readonly NewRecord[]): void {
    let begun: Set<string> | undefined;
    for (const { kind, runId } of records) {
      if (kind !== "begin") continue;
      if (this.#runs.has(runId) || begun?.has(runId) === true) throw runConflictError();
      (begun ??= new Set()).add(runId);
    }
  }

  /** Notes a record that has its number; answers the run if it begins or ends with it. */
  note(record: NewRecord, seq: number): LoggedRun | undefined {
    if (record.kind === "event") return undefined;
    const { runId, threadId } = record;
    if (record.kind === "begin") {
      const { agentName } = record;
      return this.#set({ runId, threadId, agentName, firstSeq: seq, lastSeq: undefined });
    }
    const run = this.#runs.get(runId);
    if (run === undefined || run.lastSeq !== undefined) return undefined;
    this.#ended.set(runId, seq);
    return this.#set({ ...run, lastSeq: seq });
  }

  /** Lets go of the ended runs of which nothing is kept if `first` is the oldest record; answers them. */
  trim(first: number): readonly LoggedRun[] {
    const gone: LoggedRun[] = [];
    for (const [runId, lastSeq] of this.#ended) {
      if (lastSeq >= first) break;
      const run = this.#runs.get(runId);
      if (run !== undefined) gone.push(run);
      this.#ended.delete(runId);
      this.#runs.delete(runId);
    }
    return gone;
  }

  list(): readonly LoggedRun[] {
    return [...this.#runs.values()];
  }

  #set(run: LoggedRun): LoggedRun {
    const frozen = Object.freeze(run);
    this.#runs.set(run.runId, frozen);
    return frozen;
  }
}
