import { WatertightError } from "../errors.ts";
import type { Run } from "./run.ts";

/**
 * What a new run does to those that its thread has: `reject` refuses the new one, `enqueue` lets it
 * wait until they have ended, `interrupt` ends them as cancelled, `rollback` does so and says that what
 * they said is to be forgotten, `parallel` leaves them alone.
 */
export type DoubleTexting = "reject" | "enqueue" | "interrupt" | "rollback" | "parallel";

/** Every way to treat a second run of a thread. */
export const DOUBLE_TEXTING: readonly DoubleTexting[] = Object.freeze([
  "reject",
  "enqueue",
  "interrupt",
  "rollback",
  "parallel",
]);

/** The runs of one user, thread by thread, in the order of their coming. */
export class ThreadLanes {
  readonly #lanes = new Map<string, Map<Run, (() => void) | undefined>>();

  /** Does to the runs of a thread what `policy` says of a new one. Throws WT_THREAD_BUSY. */
  makeWay(threadId: string, policy: DoubleTexting): void {
    const lane = this.#lanes.get(threadId);
    if (lane === undefined || policy === "parallel" || policy === "enqueue") return;
    if (policy === "reject") {
      throw new WatertightError(
        "WT_THREAD_BUSY",
        "Expected a thread without a run, got one whose run has not ended. Wait for its end, cancel it, or ask for another way of double texting.",
      );
    }
    const rolledBack = policy === "rollback" ? ({ rolledBack: true } as const) : {};
    // Last come, first ended: none that waits gets its turn on the way.
    for (const run of [...lane.keys()].reverse()) run.end({ status: "cancelled", ...rolledBack });
  }

  /**
   * Takes a run in. Calls `go` at once, or, if the run is to be `enqueue`d, when all that came before it
   * on its thread have ended.
   */
  enter(run: Run, policy: DoubleTexting, go: () => void): void {
    const { threadId } = run.request;
    const lane = this.#lanes.get(threadId) ?? new Map<Run, (() => void) | undefined>();
    this.#lanes.set(threadId, lane);
    const mustWait = policy === "enqueue" && lane.size > 0;
    lane.set(run, mustWait ? go : undefined);
    if (!mustWait) go();
  }

  /** Lets a run out that has ended; the one behind it goes on, a moment later. */
  leave(run: Run): void {
    const lane = this.#lanes.get(run.request.threadId);
    if (lane?.delete(run) !== true) return;
    const [next] = lane;
    if (next === undefined) this.#lanes.delete(run.request.threadId);
    if (next?.[1] === undefined) return;
    lane.set(next[0], undefined);
    // Not now: a thousand that end one another would be a stack of a thousand.
    queueMicrotask(next[1]);
  }
}
