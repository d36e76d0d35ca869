import { isTerminalType } from "../protocol/events.ts";
import type { RunHandle } from "./client-run.ts";
import type { ClientEvent, EventPlace } from "./client-event.ts";

/** What an event is to who has had the run's events so far. */
export type Verdict =
  /** The next one. */
  | "next"
  | "repeat"
  | "gap"
  | "foreign"
  | "after-end"
  /** Of a run that misses events for good: nobody wants it. */
  | "unwanted";

interface KnownRun {
  readonly threadId: string;
  readonly handle: RunHandle | undefined;
  /** The number of the last event; `undefined` if the run may begin anywhere. */
  seq: number | undefined;
  /** Of the last event, or from before the first. */
  position: string | undefined;
  phase: "open" | "ended" | "torn";
  /** The number that was waited for when this client went back for it. */
  missed?: number;
}

/** So many runs that nobody here waits for are remembered. */
const MAX_REMEMBERED = 1000;

/** Which events of which runs this client has had: what makes a foreign, missing or second one known. */
export class RunLedger {
  readonly #runs = new Map<string, KnownRun>();
  readonly #open = new Map<string, RunHandle>();

  /** Runs of this client that have not ended. */
  get open(): readonly RunHandle[] {
    return [...this.#open.values()];
  }

  find(runId: string): RunHandle | undefined {
    return this.#open.get(runId);
  }

  /** The run id stands for something else: a run of another thread, or one that is over. */
  isTaken({ threadId, runId }: Pick<EventPlace, "threadId" | "runId">): boolean {
    const run = this.#runs.get(runId);
    return run !== undefined && (run.threadId !== threadId || run.phase !== "open");
  }

  /** An event of the run has come. */
  hasBegun(runId: string): boolean {
    return (this.#runs.get(runId)?.seq ?? 0) > 0;
  }

  /** This client waits for the run from now on; one that it starts begins with its first event. */
  add(handle: RunHandle): void {
    const { runId, threadId, isFollowed } = handle;
    const known = this.#runs.get(runId);
    const start = known ?? { seq: isFollowed ? undefined : 0, position: undefined };
    this.#runs.set(runId, { ...start, threadId, handle, phase: "open" });
    this.#open.set(runId, handle);
  }

  /** The run is asked for now: its events come after `position`. */
  noteStart(runId: string, position: string | undefined): void {
    const run = this.#runs.get(runId);
    if (run !== undefined) run.position ??= position;
  }

  judge({ threadId, runId, seq }: EventPlace): Verdict {
    const run = this.#runs.get(runId);
    if (run === undefined) return "next";
    if (run.threadId !== threadId) return "foreign";
    if (run.phase === "torn") return "unwanted";
    if (run.seq === undefined) return "next";
    if (seq <= run.seq) return "repeat";
    if (run.phase === "ended") return "after-end";
    return seq === run.seq + 1 ? "next" : "gap";
  }

  /** Takes the next event; answers who waits for it. */
  take({ type, metadata }: ClientEvent): RunHandle | undefined {
    const { threadId, runId, seq, position } = metadata;
    const run = this.#runs.get(runId);
    const phase = isTerminalType(type) ? "ended" : "open";
    const handle = run?.handle;
    // Last in the table: who says nothing for longest is forgotten first.
    this.#runs.delete(runId);
    this.#runs.set(runId, { threadId, handle, seq, position, phase });
    this.#forgetOldest();
    return handle;
  }

  /**
   * An event is missing: answers the position to go back to, or nothing if this client has gone back
   * for it before, or can't, and the run is torn for good.
   */
  miss(runId: string): string | undefined {
    const run = this.#runs.get(runId);
    if (run === undefined) return undefined;
    const awaited = (run.seq ?? 0) + 1;
    if (run.missed !== awaited && run.position !== undefined) {
      run.missed = awaited;
      return run.position;
    }
    run.phase = "torn";
    run.handle?.lose(`event ${awaited} and maybe more did not come, also not when asked again`);
    return undefined;
  }

  /** What was had says nothing about what comes: all runs that the server may know of are lost. */
  reset(why: string): void {
    const fresh = this.open.filter((handle) => !handle.isSent);
    const lost = this.open.filter((handle) => handle.isSent);
    this.#runs.clear();
    this.#open.clear();
    for (const handle of fresh) this.add(handle);
    for (const handle of lost) handle.lose(why);
  }

  /** Nobody here waits for the run any more; which events it had stays known. */
  leave(handle: RunHandle): void {
    const { runId } = handle;
    if (this.#open.get(runId) === handle) this.#open.delete(runId);
    const run = this.#runs.get(runId);
    if (run?.handle !== handle) return;
    if (handle.isSent) this.#runs.set(runId, { ...run, handle: undefined });
    else this.#runs.delete(runId);
  }

  #forgetOldest(): void {
    for (const [runId, { handle }] of this.#runs) {
      if (this.#runs.size - this.#open.size <= MAX_REMEMBERED) return;
      if (handle === undefined) this.#runs.delete(runId);
    }
  }
}
