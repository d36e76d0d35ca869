import type { WatertightError } from "../errors.ts";
import { missingError, refusedError } from "./client-errors.ts";
import type { ClientEvent } from "./client-event.ts";
import { EventQueue } from "./event-queue.ts";
import type { RunOutcome } from "./run-outcome.ts";

/**
 * A run as its client sees it: its events, once and in order, and its end. Reading ends after the
 * run's last event. It throws if there is none, because the run was refused (WT_RUN_REFUSED), events
 * are missing (WT_EVENTS_MISSING) or the client was closed (WT_CLIENT_CLOSED), and with
 * WT_READER_BEHIND if too many are unread. There is one reader; one that stops early cancels nothing.
 */
export interface ClientRun extends AsyncIterable<ClientEvent, undefined> {
  readonly threadId: string;
  readonly runId: string;
  /** Resolves with how it ended, whether anybody reads its events or not; never rejects. */
  readonly ended: Promise<RunOutcome>;
  /** Asks the server to end it. Repeated on a new line until the end has come. */
  cancel(): void;
}

/** What a run needs to be asked for. */
export interface RunRequest {
  readonly threadId: string;
  readonly runId: string;
  /** The frame that starts it; `undefined` for a run that was started elsewhere. */
  readonly frame: string | undefined;
}

/** Whom a run tells. */
export interface RunListener {
  readonly onCancel: (run: RunHandle) => void;
  /** Called when it has ended, whatever the outcome. */
  readonly onOver: (run: RunHandle) => void;
}

/** @internal The side of a run that faces the client. */
export class RunHandle implements ClientRun {
  readonly threadId: string;
  readonly runId: string;
  readonly ended: Promise<RunOutcome>;
  readonly #frame: string | undefined;
  readonly #queue: EventQueue<ClientEvent>;
  readonly #listener: RunListener;
  #settle: (outcome: RunOutcome) => void = () => {};
  #isOver = false;
  #isSent = false;
  #isCancelled = false;

  constructor(request: RunRequest, maxUnread: number, listener: RunListener) {
    this.threadId = request.threadId;
    this.runId = request.runId;
    this.ended = new Promise((resolve) => (this.#settle = resolve));
    this.#frame = request.frame;
    this.#queue = new EventQueue(maxUnread);
    this.#listener = listener;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** It was started elsewhere; this client only listens. */
  get isFollowed(): boolean {
    return this.#frame === undefined;
  }

  /** The server may know of it. */
  get isSent(): boolean {
    return this.#isSent || this.isFollowed;
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  cancel(): void {
    if (this.#isOver || this.#isCancelled) return;
    this.#isCancelled = true;
    // What nobody was asked for needs nobody to end it.
    if (!this.isSent) return this.end({ status: "cancelled" });
    this.#listener.onCancel(this);
  }

  [Symbol.asyncIterator](): AsyncIterator<ClientEvent, undefined> {
    return this.#queue;
  }

  /** The frame that starts it, to be sent now. */
  startFrame(): string | undefined {
    if (this.#isOver) return undefined;
    this.#isSent = true;
    return this.#frame;
  }

  cancelFrame(): string | undefined {
    const { runId } = this;
    return this.#isOver ? undefined : JSON.stringify({ type: "cancel", runId });
  }

  deliver(event: ClientEvent): void {
    this.#queue.push(event);
  }

  /** It has ended; the first outcome counts. */
  end(outcome: RunOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#settle(outcome);
    this.#queue.end(errorOf(outcome));
    this.#listener.onOver(this);
  }

  /** Nobody will tell how it ended. */
  lose(error: WatertightError | string): void {
    const reason = typeof error === "string" ? missingError(error) : error;
    this.end({ status: "lost", error: reason });
  }
}

/** What a reader gets at the end; nothing if the run's last event says it all. */
function errorOf(outcome: RunOutcome): WatertightError | undefined {
  if (outcome.status === "lost") return outcome.error;
  if (outcome.status === "refused") return refusedError(outcome.code, outcome.message);
  return undefined;
}
