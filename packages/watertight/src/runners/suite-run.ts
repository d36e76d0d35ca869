import type { SuiteRequest } from "../cli/messages.ts";
import { runSuiteProcess } from "../cli/suite-runner.ts";
import { ToolError } from "../errors.ts";
import { createDeferred, type Deferred } from "../internal/deferred.ts";
import type { IsolationTestResult } from "../report.ts";

/**
 * The suite at work in its own process, beside the runner's. Begins at once, or when `after` has
 * settled. If it fails to work, everybody who waits for a check is told so, now and later.
 */
export class SuiteRun {
  readonly #results: ReadonlyMap<string, Deferred<IsolationTestResult>>;
  readonly #giveUp = new AbortController();
  readonly #ended: Promise<void>;

  /** `request.only` names the checks that are to be made, one by one. */
  constructor(request: SuiteRequest, after?: Promise<void>) {
    this.#results = new Map(request.only.map((id) => [id, createDeferred()]));
    this.#ended = this.#work(request, after).then(
      () => this.#fail(new ToolError("WT_SUITE_DIED", NOT_MADE)),
      (error: unknown) => this.#fail(error),
    );
  }

  /** Says whether a check can still be waited for here. */
  covers(id: string): boolean {
    return this.#results.has(id) && !this.#giveUp.signal.aborted;
  }

  /** The result of a check that is covered. When `signal` is aborted, the whole run is stopped. */
  async resultOf(id: string, signal: AbortSignal | undefined): Promise<IsolationTestResult> {
    const stop = (): void => void this.stop();
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted === true) stop();
    try {
      return await (this.#results.get(id) as Deferred<IsolationTestResult>).promise;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  /** Ends the process and all that it started; resolves when nothing of it is left. Idempotent. */
  async stop(): Promise<void> {
    this.#giveUp.abort();
    await this.#ended;
  }

  async #work(request: SuiteRequest, after: Promise<void> | undefined): Promise<void> {
    await after;
    const { signal } = this.#giveUp;
    if (signal.aborted) throw new ToolError("WT_SUITE_DIED", STOPPED);
    await runSuiteProcess(
      request,
      (message) => {
        if (message.type !== "event" || message.event.type !== "check-ended") return;
        const { result } = message.event;
        this.#results.get(result.id)?.resolve(result);
      },
      signal,
    );
  }

  #fail(error: unknown): void {
    const reason = this.#giveUp.signal.aborted ? new ToolError("WT_SUITE_DIED", STOPPED) : error;
    for (const waiting of this.#results.values()) waiting.reject(reason);
  }
}

const STOPPED =
  "Expected the check to end, but its test was aborted or ran out of time, and the suite was stopped with it. Give it more time with `timeoutMs`, or use fewer `users`.";
const NOT_MADE = "Expected the suite to make the check, but it ended without it. Run it again.";
