import type { LoggedRun, NewRecord } from "./event-log.ts";

/** What a log knows of its runs, at hand: which began, where, and whether they ended. */
export class RunIndex {
  readonly #runs = new Map<string, LoggedRun>();

  /** Takes over what the log knew when it was opened. */
  load(runs: readonly LoggedRun[]): void {
    // What was expected meanwhile is younger than what the log knew.
    const expected = [...this.#runs.values()];
    this.#runs.clear();
    for (const run of [...runs, ...expected]) this.#runs.set(run.runId, run);
  }

  /** Takes over what the log knows now, when others have written to it. */
  renew(runs: readonly LoggedRun[]): void {
    const known = new Map(runs.map((run) => [run.runId, run]));
    for (const [runId, { firstSeq }] of this.#runs) {
      const isOnItsWay = firstSeq === Number.POSITIVE_INFINITY && !known.has(runId);
      if (!isOnItsWay) this.#runs.delete(runId);
    }
    this.load(runs);
  }

  /** A record is on its way: its run is known from now on, so that nobody begins it again. */
  expect(record: NewRecord): void {
    if (record.kind !== "begin" || this.#runs.has(record.runId)) return;
    const { runId, threadId, agentName } = record;
    const firstSeq = Number.POSITIVE_INFINITY;
    this.#runs.set(runId, { runId, threadId, agentName, firstSeq, lastSeq: undefined });
  }

  /** A record has its number. */
  note({ kind, runId }: NewRecord, seq: number): void {
    const run = kind === "event" ? undefined : this.#runs.get(runId);
    if (run === undefined) return;
    this.#runs.set(runId, kind === "begin" ? { ...run, firstSeq: seq } : { ...run, lastSeq: seq });
  }

  /** Lets go of the oldest runs of which nothing is kept since `first`. */
  forget(first: number): void {
    for (const { runId, lastSeq } of this.#runs.values()) {
      if (lastSeq === undefined) continue;
      if (lastSeq >= first) return;
      this.#runs.delete(runId);
    }
  }

  find(runId: string): LoggedRun | undefined {
    return this.#runs.get(runId);
  }

  /** The runs without an end, oldest first. */
  open(): readonly LoggedRun[] {
    return [...this.#runs.values()].filter(({ lastSeq }) => lastSeq === undefined);
  }
}
