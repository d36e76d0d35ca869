import type { Interrupt } from "@ag-ui/core";
import type { RequestContext } from "../context/request-context.ts";

/** How a run ended: cancel, interrupt, timeout, failure and death are different things. */
export type RunOutcome =
  | { readonly status: "finished"; readonly result?: unknown }
  /** The run waits for a person; a new one carries the answers in `input.resume`. */
  | { readonly status: "interrupted"; readonly interrupts: readonly Interrupt[] }
  /** `rolledBack`: what the run said is to be forgotten, because the user said something else instead. */
  | { readonly status: "cancelled"; readonly rolledBack?: true }
  /** `inQueue`: the run never had its turn. */
  | { readonly status: "timed-out"; readonly afterMs: number; readonly inQueue?: true }
  | { readonly status: "failed"; readonly error: unknown }
  | { readonly status: "died"; readonly cause: string };

/** Where a run is: waiting for its turn, going on, or how it ended. */
export type RunStatus = "queued" | "running" | RunOutcome["status"];

/** How long a run may wait for its turn, take in all, and take between two signs of progress. */
export interface RunLimits {
  readonly maxQueueWaitMs: number;
  readonly runTimeoutMs: number;
  readonly progressTimeoutMs: number;
}

/**
 * One execution of an agent. Ends exactly once: the first outcome counts, later ones are dropped.
 * Nothing of what it is held to counts before {@link Run.wait} or {@link Run.begin}.
 */
export class Run {
  readonly request: RequestContext;
  readonly agentName: string;
  /** Resolves with the outcome. */
  readonly ended: Promise<RunOutcome>;
  readonly #limits: RunLimits;
  readonly #onEnd: (outcome: RunOutcome) => void;
  readonly #abort = new AbortController();
  #resolveEnded: (outcome: RunOutcome) => void = () => {};
  #timeOut: NodeJS.Timeout | undefined;
  #progressTimer: NodeJS.Timeout | undefined;
  #status: RunStatus = "queued";
  #isHeld = false;

  /** @internal `onEnd` is called once, before anybody who waits for `ended` goes on. */
  constructor(
    request: RequestContext,
    agentName: string,
    limits: RunLimits,
    onEnd: (run: Run, outcome: RunOutcome) => void,
  ) {
    this.request = request;
    this.agentName = agentName;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.#limits = limits;
    this.#onEnd = (outcome) => onEnd(this, outcome);
  }

  get status(): RunStatus {
    return this.#status;
  }

  /** The run has not ended. */
  get isActive(): boolean {
    return this.#status === "queued" || this.#status === "running";
  }

  /** Aborted when the run has ended. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Ends as cancelled when the signal of the request fires, or at once if it has. */
  listen(): void {
    const { signal } = this.request;
    const cancel = (): void => void this.end({ status: "cancelled" });
    signal?.addEventListener("abort", cancel, { signal: this.signal, once: true });
    // A signal that fired before anybody listened never fires again.
    if (signal?.aborted === true) cancel();
  }

  /** The run's turn has not come; the time until then counts as no other. */
  wait(): void {
    this.#endAfter(this.#limits.maxQueueWaitMs, (afterMs) => {
      this.end({ status: "timed-out", afterMs, inQueue: true });
    });
  }

  /** The run's turn has come; `false` if it has ended or had its turn before. */
  begin(): boolean {
    if (this.#status !== "queued") return false;
    this.#status = "running";
    clearTimeout(this.#timeOut);
    const { runTimeoutMs, progressTimeoutMs } = this.#limits;
    this.#endAfter(runTimeoutMs, (afterMs) => this.end({ status: "timed-out", afterMs }));
    this.#progressTimer = setTimeout(() => {
      if (this.#isHeld) return this.#progressTimer?.refresh();
      this.end({ status: "died", cause: `no progress for ${progressTimeoutMs} ms` });
    }, progressTimeoutMs);
    return true;
  }

  /** The agent did something: it gets its whole time again. */
  progress(): void {
    if (this.isActive) this.#progressTimer?.refresh();
  }

  /** Waits for `work`, which is not the agent's: meanwhile the agent owes no progress. */
  async hold(work: PromiseLike<void>): Promise<void> {
    this.#isHeld = true;
    try {
      await work;
    } finally {
      this.#isHeld = false;
      this.progress();
    }
  }

  /** Ends the run; `false` if it had ended before. */
  end(outcome: RunOutcome): boolean {
    if (!this.isActive) return false;
    this.#status = outcome.status;
    clearTimeout(this.#timeOut);
    clearTimeout(this.#progressTimer);
    this.#resolveEnded(outcome);
    this.#onEnd(outcome);
    this.#abort.abort(abortReason());
    return true;
  }

  #endAfter(limitMs: number, end: (afterMs: number) => void): void {
    const leftMs = (this.request.deadline ?? Number.POSITIVE_INFINITY) - Date.now();
    const afterMs = Math.max(0, Math.ceil(Math.min(limitMs, leftMs)));
    this.#timeOut = setTimeout(() => end(afterMs), afterMs);
  }
}

/**
 * Without a stack. V8's would hold on to everybody who called, until somebody reads it; the run, which
 * is remembered, would lead to what knows all users.
 */
function abortReason(): DOMException {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new DOMException("The run has ended", "AbortError");
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
