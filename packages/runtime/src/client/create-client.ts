import { WatertightError } from "../errors.ts";
import { Observers } from "../internal/observers.ts";
import type { ErrorFrame, ReadyFrame } from "../protocol/frames.ts";
import type { Client } from "./client.ts";
import { closedError } from "./client-errors.ts";
import type { ClientEvent, ClientEventOf, ClientEventType, EventPlace } from "./client-event.ts";
import {
  type ClientOptions,
  type ResetNotice,
  resolveClientOptions,
  type ResolvedClientOptions,
} from "./client-options.ts";
import { type ClientRun, RunHandle, type RunRequest } from "./client-run.ts";
import type { ClientState, ClosedCause, StateChange } from "./client-state.ts";
import { EventQueue } from "./event-queue.ts";
import { type Incident, isMisdelivery } from "./incident.ts";
import { Intake } from "./intake.ts";
import { Link } from "./link.ts";
import { Outbox } from "./outbox.ts";
import { Place } from "./place.ts";
import { RunLedger } from "./run-ledger.ts";
import { checkPlace, createRunRequest, isTooLarge, type RunOptions } from "./run-request.ts";
import { readServerFrame } from "./server-frame.ts";

/** The server is told of so many incidents a line: it must not be flooded for its own fault. */
const MAX_TOLD = 5;

class LinkedClient implements Client {
  readonly closed: Promise<ClosedCause>;
  readonly #options: ResolvedClientOptions;
  readonly #place: Place;
  readonly #ledger = new RunLedger();
  readonly #link: Link;
  readonly #outbox: Outbox;
  readonly #intake: Intake;
  readonly #observers: Observers<ClientEvent>;
  readonly #readers = new Set<EventQueue<ClientEvent>>();
  #tellClosed: (cause: ClosedCause) => void = () => {};
  #maxFrameBytes = 0;
  #told = 0;

  constructor(options: ResolvedClientOptions) {
    this.#options = options;
    this.closed = new Promise((resolve) => (this.#tellClosed = resolve));
    this.#observers = new Observers(options.onError);
    this.#place = new Place(options.session, options.after);
    this.#outbox = new Outbox((frame) => this.#link.send(frame), options.now);
    this.#intake = new Intake(this.#place, this.#ledger, {
      onEvent: (event) => this.#observers.notify(event),
      onIncident: (incident) => this.#report(incident),
      onGoBack: () => this.#link.restart(),
    });
    this.#link = new Link(options, this.#place, {
      onData: (data) => this.#receive(data),
      onState: (change) => this.#follow(change),
      onPositionRefused: () => this.#forgetPosition(),
    });
    // Not before who made the client has it in hand.
    void Promise.resolve().then(() => this.#link.open());
  }

  get state(): ClientState {
    return this.#link.state;
  }

  get position(): string | undefined {
    return this.#place.position;
  }

  get session(): string | undefined {
    return this.#place.session;
  }

  run(options: RunOptions): ClientRun {
    return this.#join(createRunRequest(options, this.#options.createId));
  }

  follow({ threadId, runId }: Pick<EventPlace, "threadId" | "runId">): ClientRun {
    checkPlace({ threadId, runId });
    return this.#join({ threadId, runId, frame: undefined });
  }

  on<T extends ClientEventType | "*">(
    type: T,
    listener: (event: ClientEventOf<T>) => void,
  ): () => void {
    return this.#observers.add((event) => {
      if (type === "*" || event.type === type) listener(event as ClientEventOf<T>);
    });
  }

  events(): AsyncIterableIterator<ClientEvent, undefined> {
    const queue = new EventQueue<ClientEvent>(this.#options.maxUnreadEvents, () => {
      stop();
      this.#readers.delete(queue);
    });
    const stop = this.#observers.add((event) => queue.push(event));
    this.#readers.add(queue);
    if (this.state === "closed") queue.end();
    return queue;
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #join(request: RunRequest): ClientRun {
    const { runId, threadId } = request;
    if (this.state === "closed") throw closedError("got one that is closed");
    const open = this.#ledger.find(runId);
    if (open?.threadId === threadId) return open;
    if (this.#ledger.isTaken(request)) {
      throw new WatertightError(
        "WT_RUN_CONFLICT",
        "Expected the id of a new run or of one that is going on in this thread, got another one. Use a new run id.",
      );
    }
    const { maxOpenRuns, maxUnreadEvents } = this.#options;
    if (this.#ledger.open.length >= maxOpenRuns) {
      throw new WatertightError(
        "WT_RUN_LIMIT",
        `Expected at most ${maxOpenRuns} open runs, got one more. Wait for one to end, or raise \`maxOpenRuns\`.`,
      );
    }
    const handle = new RunHandle(request, maxUnreadEvents, {
      onCancel: (run) => this.#outbox.push(() => run.cancelFrame()),
      onOver: (run) => this.#ledger.leave(run),
    });
    this.#ledger.add(handle);
    if (this.state === "ready") this.#ask(handle);
    return handle;
  }

  #receive(data: unknown): void {
    const frame = readServerFrame(data);
    // The first word is `ready`, and it is said once.
    if ((frame.kind === "ready") === (this.state === "ready")) return this.#fault("malformed");
    switch (frame.kind) {
      case "ready":
        return this.#enter(frame.ready);
      case "event":
        return this.#intake.take(frame.event) ? this.#link.prove() : undefined;
      case "error":
        return this.#refuse(frame.error);
      case "malformed":
        return this.#fault("malformed");
      case "unknown-frame":
        return this.#report({ kind: "unknown-frame" });
      case "pong":
    }
  }

  #enter(ready: ReadyFrame): void {
    this.#told = 0;
    const fault = this.#place.enter(ready);
    if (fault !== undefined) return this.#fault(fault);
    const { limits, resume } = ready;
    if (resume.status === "reset") this.#reset(resume.reason);
    this.#maxFrameBytes = limits.maxFrameBytes;
    this.#outbox.open(limits.maxMessagesPerSecond);
    for (const handle of this.#ledger.open) this.#ask(handle);
    this.#link.ready();
  }

  /** Says again what may not have arrived: a run id stands for one run, however often it is asked for. */
  #ask(handle: RunHandle): void {
    if (!handle.isFollowed && !this.#ledger.hasBegun(handle.runId)) {
      this.#outbox.push(() => this.#startFrame(handle));
    }
    if (handle.isCancelled) this.#outbox.push(() => handle.cancelFrame());
  }

  #startFrame(handle: RunHandle): string | undefined {
    if (!handle.isSent) this.#ledger.noteStart(handle.runId, this.#place.position);
    const frame = handle.startFrame();
    if (frame === undefined || !isTooLarge(frame, this.#maxFrameBytes)) return frame;
    const message = `A frame has at most ${this.#maxFrameBytes} bytes.`;
    handle.end({ status: "refused", code: "FRAME_TOO_LARGE", message, retryable: false });
    return undefined;
  }

  #refuse({ code, message, retryable, runId }: ErrorFrame): void {
    const handle = runId === undefined ? undefined : this.#ledger.find(runId);
    const hasBegun = runId !== undefined && this.#ledger.hasBegun(runId);
    // A run that has ended meanwhile can't be cancelled; its end comes, or has come.
    if (code === "RUN_UNKNOWN" && (handle?.isFollowed !== true || hasBegun)) return;
    if (handle === undefined) {
      const about = runId === undefined ? {} : { runId };
      return this.#report({ kind: "frame-refused", code, ...about });
    }
    // The server refused to be asked again; what it began it will end.
    if (hasBegun) return;
    handle.end({ status: "refused", code, message, retryable });
  }

  #fault(kind: Incident["kind"]): void {
    this.#report({ kind });
    this.#link.fault();
  }

  #report(incident: Incident): void {
    this.#options.onIncident(incident);
    if (!isMisdelivery(incident) || this.#told >= MAX_TOLD) return;
    this.#told += 1;
    const { kind, runId } = incident;
    this.#link.send(JSON.stringify({ type: "incident", kind, runId }));
  }

  #forgetPosition(): void {
    this.#report({ kind: "position-refused" });
    this.#place.forgetPosition();
    this.#reset("position-refused");
  }

  #reset(reason: ResetNotice["reason"]): void {
    this.#ledger.reset(`but the server could not go on where this client was (${reason})`);
    this.#options.onReset({ reason });
  }

  #follow(change: StateChange): void {
    if (change.state !== "ready") this.#outbox.close();
    if (change.state === "closed") this.#shut(change.cause);
    this.#options.onStateChange(change);
  }

  #shut(cause: ClosedCause): void {
    const error = errorOf(cause);
    for (const handle of this.#ledger.open) handle.lose(error);
    for (const queue of this.#readers) queue.end(cause.by === "app" ? undefined : error);
    this.#observers.clear();
    this.#tellClosed(cause);
  }
}

function errorOf(cause: ClosedCause): WatertightError {
  if (cause.by === "client") return cause.error;
  if (cause.by === "app") return closedError("got one that its app closed");
  return closedError(`got one that its server closed with ${cause.code}`);
}

/** Makes a client, which begins to connect at once. Throws WT_OPTION_INVALID. */
export function createClient(options: ClientOptions): Client {
  return new LinkedClient(resolveClientOptions(options));
}
