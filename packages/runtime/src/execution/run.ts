import type { RequestContext } from "../context/request-context.ts";

/** How a run ended: cancel, timeout, failure and death are different things. */
export type RunOutcome =
  | { readonly status: "finished" }
  | { readonly status: "cancelled" }
  | { readonly status: "timed-out"; readonly afterMs: number }
  | { readonly status: "failed"; readonly error: unknown }
  | { readonly status: "died"; readonly cause: string };

/** Where a run is: going on, or how it ended. */
export type RunStatus = "running" | RunOutcome["status"];

/** How long a run may take, in all and between two signs of progress. */
export interface RunLimits {
  readonly runTimeoutMs: number;
  readonly progressTimeoutMs: number;
}

/** One execution of an agent. Ends exactly once: the first outcome counts, later ones are dropped. */
export class Run {
  readonly request: RequestContext;
  readonly agentName: string;
  /** Resolves with the outcome. */
  readonly ended: Promise<RunOutcome>;
  readonly #abort = new AbortController();
  readonly #onEnd: (outcome: RunOutcome) => void;
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #progressTimer: NodeJS.Timeout;
  #status: RunStatus = "running";

  constructor(request: RequestContext, agentName: string, limits: RunLimits) {
    let onEnd: (outcome: RunOutcome) => void = () => {};
    this.ended = new Promise((resolve) => (onEnd = resolve));
    this.#onEnd = onEnd;
    this.request = request;
    this.agentName = agentName;
    const { runTimeoutMs, progressTimeoutMs } = limits;
    const leftMs = (request.deadline ?? Number.POSITIVE_INFINITY) - Date.now();
    const afterMs = Math.max(0, Math.ceil(Math.min(runTimeoutMs, leftMs)));
    const timeOut = setTimeout(() => this.end({ status: "timed-out", afterMs }), afterMs);
    this.#progressTimer = setTimeout(() => {
      this.end({ status: "died", cause: `no progress for ${progressTimeoutMs} ms` });
    }, progressTimeoutMs);
    this.#timers = [timeOut, this.#progressTimer];
    request.signal?.addEventListener("abort", () => this.end({ status: "cancelled" }), {
      signal: this.signal,
      once: true,
    });
    // A signal that fired before anybody listened never fires again.
    if (request.signal?.aborted === true) this.end({ status: "cancelled" });
  }

  get status(): RunStatus {
    return this.#status;
  }

  get isActive(): boolean {
    return this.#status === "running";
  }

  /** Aborted when the run has ended. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The agent did something: it gets its whole time again. */
  progress(): void {
    if (this.isActive) this.#progressTimer.refresh();
  }

  /** Ends the run; `false` if it had ended before. */
  end(outcome: RunOutcome): boolean {
    if (!this.isActive) return false;
    this.#status = outcome.status;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#onEnd(outcome);
    this.#abort.abort();
    return true;
  }
}
