/** What is to be executed, and on which thread. */
export interface ExecutionRequest {
  readonly runId: string;
  readonly threadId: string;
  readonly agentName: string;
}

/** An agent at work. */
export interface ExecutionContext extends ExecutionRequest {
  readonly controller: AbortController;
}

const MAX_FINISHED = 10_000;

/** Starts agents, one at a time on a thread, and cancels them. */
export class AgentExecutionRegistry {
  static readonly instance: AgentExecutionRegistry = new AgentExecutionRegistry();

  readonly #contextByThread = new Map<string, ExecutionContext>();
  readonly #finishedRuns = new Set<string>();

  /**
   * Starts `work` and answers its context. A thread that is busy answers the context that keeps it
   * busy, a run that is over answers nothing: asking twice starts no second run.
   */
  start(
    request: ExecutionRequest,
    work: (signal: AbortSignal) => Promise<void>,
  ): ExecutionContext | undefined {
    const { runId, threadId } = request;
    const existing = this.#contextByThread.get(threadId);
    if (existing !== undefined) return existing;
    if (this.#finishedRuns.has(runId)) return undefined;
    const context = { ...request, controller: new AbortController() };
    this.#contextByThread.set(threadId, context);
    void work(context.controller.signal).finally(() => this.#finish(context));
    return context;
  }

  /** Cancels a run; `false` if none of that id is going on. */
  cancel(runId: string): boolean {
    for (const context of this.#contextByThread.values()) {
      if (context.runId !== runId) continue;
      context.controller.abort();
      return true;
    }
    return false;
  }

  /** The ids of the runs that are going on, oldest first. */
  list(): readonly string[] {
    return [...this.#contextByThread.values()].map(({ runId }) => runId);
  }

  /** Cancels everything. */
  cancelAll(): void {
    for (const { controller } of this.#contextByThread.values()) controller.abort();
  }

  #finish({ runId, threadId }: ExecutionContext): void {
    this.#contextByThread.delete(threadId);
    this.#finishedRuns.add(runId);
    const [oldest] = this.#finishedRuns;
    if (this.#finishedRuns.size > MAX_FINISHED && oldest !== undefined) {
      this.#finishedRuns.delete(oldest);
    }
  }
}
