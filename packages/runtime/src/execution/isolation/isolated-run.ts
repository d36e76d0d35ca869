import type { AgentEvent } from "../../protocol/events.ts";
import type { AgentReturn } from "../agent.ts";
import { AgentDiedError } from "../agent-died-error.ts";
import type { Cell, OpenCell } from "./cell.ts";
import { isTokens } from "../token-usage.ts";
import { type CellStart, type FromCell, revive } from "./cell-messages.ts";

type Step = IteratorResult<AgentEvent, AgentReturn | void>;

interface Pull {
  readonly resolve: (step: Step) => void;
  readonly reject: (error: unknown) => void;
}

const GOES_ON: readonly FromCell["type"][] = Object.freeze(["event", "progress", "usage"]);
/** So many events may be said and not yet asked for. */
const WINDOW = 16;

/** What a run in a cell needs besides its start. */
export interface IsolatedRunOptions {
  readonly openCell: OpenCell;
  readonly signal: AbortSignal;
  readonly progress: () => void;
  readonly reportUsage: (tokens: number) => void;
  /** Milliseconds that the agent may clean up for when the run has ended. */
  readonly graceMs: number;
}

/**
 * The runtime's side of the wall: the events of an agent that runs in a cell, as if it ran here. The
 * cell does not outlive the run, however either ends.
 */
export class IsolatedRun implements AsyncIterableIterator<AgentEvent, AgentReturn | void> {
  readonly #options: IsolatedRunOptions;
  readonly #cell: Cell;
  readonly #events: AgentEvent[] = [];
  readonly #onAbort = (): void => this.#stop();
  #taken = 0;
  #pull: Pull | undefined;
  /** How it ended, until that was told; then it is over. */
  #end: ((pull: Pull) => void) | undefined;
  #isOver = false;

  /** Throws AgentDiedError if no cell can be had. */
  constructor(start: CellStart, options: IsolatedRunOptions) {
    this.#options = options;
    try {
      this.#cell = options.openCell({
        message: (message) => this.#receive(message),
        gone: (cause, error) => this.#die(cause, error),
      });
    } catch (error) {
      throw new AgentDiedError("could not be started", error);
    }
    this.#start(start);
    options.signal.addEventListener("abort", this.#onAbort, { once: true });
    if (options.signal.aborted) this.#stop();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    return new Promise((resolve, reject) => {
      this.#pull = { resolve, reject };
      this.#answer();
    });
  }

  /** Ends the run for its cell; whoever waits for an event hears that there is none. */
  return(): Promise<Step> {
    this.#stop();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Throws if the input can't cross the wall. */
  #start(start: CellStart): void {
    try {
      this.#cell.send({ type: "start", start });
      this.#cell.send({ type: "credit", events: WINDOW });
    } catch (error) {
      this.#cell.kill(0);
      throw error;
    }
  }

  #receive(message: FromCell): void {
    const isLastWord = !GOES_ON.includes(message.type);
    if (isLastWord) this.#cell.kill(0);
    // What was used was used, also by a run that has ended.
    if (message.type === "usage") return this.#count(message.tokens);
    if (this.#isOver) return;
    switch (message.type) {
      case "event":
        return this.#hear(message.event as AgentEvent);
      case "progress":
        return this.#options.progress();
      case "return": {
        const value = message.value as AgentReturn | void;
        return this.#finish(({ resolve }) => resolve({ done: true, value }));
      }
      case "throw":
        return this.#finish(({ reject }) => reject(revive(message.error)));
      case "crash":
        return this.#die("crashed", revive(message.error));
    }
  }

  /** The agent's side has checked it; what comes past that is none of ours. */
  #count(tokens: unknown): void {
    if (isTokens(tokens)) this.#options.reportUsage(tokens);
  }

  #hear(event: AgentEvent): void {
    this.#events.push(event);
    if (this.#events.length > WINDOW) return this.#die("said more than it was asked for");
    this.#answer();
  }

  #answer(): void {
    const pull = this.#pull;
    if (pull === undefined) return;
    const event = this.#events.shift();
    if (event !== undefined) {
      this.#pull = undefined;
      this.#taken += 1;
      pull.resolve({ done: false, value: event });
      return this.#grant();
    }
    if (!this.#isOver) return;
    this.#pull = undefined;
    const end = this.#end;
    this.#end = undefined;
    if (end !== undefined) return end(pull);
    pull.resolve({ done: true, value: undefined });
  }

  /** Not one by one: a message costs more than an event. */
  #grant(): void {
    if (this.#isOver || this.#taken < WINDOW / 2) return;
    this.#cell.send({ type: "credit", events: this.#taken });
    this.#taken = 0;
  }

  #die(cause: string, error?: unknown): void {
    this.#finish(({ reject }) => reject(new AgentDiedError(cause, error)));
  }

  #stop(): void {
    this.#events.length = 0;
    this.#finish(undefined);
  }

  #finish(end: ((pull: Pull) => void) | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#end = end;
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#cell.send({ type: "abort" });
    this.#cell.kill(this.#options.graceMs);
    this.#answer();
  }
}
