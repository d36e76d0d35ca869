import type { LoggedRun, NewRecord, Sharing } from "../../event-log/event-log.ts";

/** Who may write one user's log, and, where several may, who holds which run. */
export class Writers {
  readonly #writers = new Set<object>();
  readonly #holders = new Map<string, object>();
  #sharing: Sharing = "alone";

  get size(): number {
    return this.#writers.size;
  }

  has(writer: object): boolean {
    return this.#writers.has(writer);
  }

  /** Takes the place, or a part of it and with that every run that nobody holds. */
  enter(writer: object, sharing: Sharing, runs: readonly LoggedRun[]): void {
    if (sharing === "alone" || this.#sharing === "alone") this.clear();
    this.#sharing = sharing;
    this.#writers.add(writer);
    if (sharing === "alone") return;
    for (const { runId, lastSeq } of runs) {
      if (lastSeq === undefined && !this.#isHeld(runId)) this.#holders.set(runId, writer);
    }
  }

  /** `false` if it had no place. */
  leave(writer: object): boolean {
    return this.#writers.delete(writer);
  }

  clear(): void {
    this.#writers.clear();
    this.#holders.clear();
  }

  /** Another writer that is here holds the run. */
  isElsewhere(runId: string, writer: object): boolean {
    return this.#isHeld(runId) && this.#holders.get(runId) !== writer;
  }

  /** A record was written. */
  note({ kind, runId }: NewRecord, writer: object): void {
    if (this.#sharing === "alone") return;
    if (kind === "begin") this.#holders.set(runId, writer);
    if (kind === "end") this.#holders.delete(runId);
  }

  #isHeld(runId: string): boolean {
    const holder = this.#holders.get(runId);
    return holder !== undefined && this.#writers.has(holder);
  }
}
