import type { WatertightError } from "../errors.ts";
import type { CloseReason } from "../protocol/close-codes.ts";
import { BackOff } from "./back-off.ts";
import { closedError } from "./client-errors.ts";
import type { ResolvedClientOptions } from "./client-options.ts";
import type { ClientState, ClosedCause, StateChange } from "./client-state.ts";
import { stepAfter } from "./come-back.ts";
import { Line, type LineEnd } from "./line.ts";
import type { Place } from "./place.ts";

/** Whom a link tells. */
export interface LinkListener {
  readonly onData: (data: unknown) => void;
  readonly onState: (change: StateChange) => void;
  /** The server does not know the position that was asked for; the next line begins with what is new. */
  readonly onPositionRefused: () => void;
}

/** Codes of this client, for the server's eyes. */
const BYE: CloseReason = Object.freeze({ code: 1000, reason: "bye" });
const FAULT: CloseReason = Object.freeze({ code: 4400, reason: "unexpected data" });
/** A line that lived this long was a good one. */
const GOOD_MS = 5000;
/** Bad lines in a row, none of which brought anything, until the client gives up. */
const MAX_FAULTS = 2;

/** Keeps one line to the server open: comes back after each that ends, if its code allows that. */
export class Link {
  readonly #options: ResolvedClientOptions;
  readonly #place: Place;
  readonly #listener: LinkListener;
  readonly #backOff: BackOff;
  #line: Line | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #faults = 0;
  #state: ClientState = "connecting";
  #hasBeenReady = false;

  constructor(options: ResolvedClientOptions, place: Place, listener: LinkListener) {
    this.#options = options;
    this.#place = place;
    this.#listener = listener;
    this.#backOff = new BackOff(options.backOff, options.random);
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Begins with the first line. */
  open(): void {
    if (this.#isClosed) return;
    const { session, position: after } = this.#place;
    this.#line = new Line(
      this.#options,
      { session, after },
      {
        onData: (data) => this.#listener.onData(data),
        onEnd: (end) => this.#comeBack(end),
      },
    );
    // The app may have closed the client while it was asked for its proof.
    if (this.#isClosed) return this.#line.close(BYE);
    this.#become({ state: "connecting" });
  }

  /** The server's `ready` was a good one. */
  ready(): void {
    this.#hasBeenReady = true;
    this.#line?.ready();
    this.#become({ state: "ready" });
  }

  send(frame: string): void {
    this.#line?.send(frame);
  }

  /** Something good came. */
  prove(): void {
    this.#faults = 0;
    this.#backOff.reset();
  }

  /** The line brought what it must not. The second in a row for nothing ends the client. */
  fault(): void {
    this.#faults += 1;
    this.restart();
  }

  /** Ends the line and comes back at the place where the client is then. */
  restart(): void {
    this.#line?.close(FAULT);
  }

  /** Ends the link for good; resolves when the line is gone. Idempotent. */
  async close(): Promise<void> {
    this.#stop({ by: "app" });
    this.#line?.close(BYE);
    await this.#line?.left();
  }

  get #isClosed(): boolean {
    return this.#state === "closed";
  }

  #comeBack({ code, livedMs, error }: LineEnd): void {
    if (this.#isClosed) return;
    if (error !== undefined) return this.#stop({ by: "client", error });
    if (livedMs >= GOOD_MS) this.prove();
    const step = stepAfter(code, this.#hasBeenReady);
    if (step === "stop") return this.#stop({ by: "server", code });
    if (step === "leave-session") this.#leaveSession();
    if (step === "forget-position") this.#forgetPosition();
    if (this.#faults >= MAX_FAULTS) return this.#stop({ by: "client", error: giveUp() });
    const retryInMs = this.#backOff.next();
    this.#pause = setTimeout(() => this.open(), retryInMs);
    this.#become({ state: "waiting", code, retryInMs });
  }

  /** A server that refuses a session or position that nobody named will do so again. */
  #leaveSession(): void {
    if (this.#place.session === undefined) this.#faults += 1;
    this.#place.leaveSession();
  }

  #forgetPosition(): void {
    if (this.#place.position === undefined) this.#faults += 1;
    else this.#listener.onPositionRefused();
  }

  #stop(cause: ClosedCause): void {
    if (this.#isClosed) return;
    clearTimeout(this.#pause);
    this.#become({ state: "closed", cause });
  }

  #become(change: StateChange): void {
    this.#state = change.state;
    this.#listener.onState(change);
  }
}

function giveUp(): WatertightError {
  return closedError(
    "but its server sent what can't be used, twice in a row. Look at its incidents",
  );
}
