import { WatertightError } from "../errors.ts";
import type { CloseReason } from "../protocol/close-codes.ts";
import type { ResolvedClientOptions } from "./client-options.ts";
import { fetchProof, type Opening, openSocket } from "./open-socket.ts";
import type { WebSocketLike } from "./web-socket-like.ts";

/** How a line ended. */
export interface LineEnd {
  /** The close code; 1006 if there was none. */
  readonly code: number;
  /** How long it was ready. */
  readonly livedMs: number;
  /** Set if it could not even be tried. */
  readonly error?: WatertightError;
}

/** Whom a line tells. Nothing is told after its end. */
export interface LineListener {
  readonly onData: (data: unknown) => void;
  readonly onEnd: (end: LineEnd) => void;
}

const NO_CODE = 1006;
const PING = '{"type":"ping"}';
/** How long a server may take to answer a goodbye. */
const GOODBYE_MS = 1000;

/** One attempt to talk to the server: from asking for a proof to the end of the socket. Ends once. */
export class Line {
  readonly #options: ResolvedClientOptions;
  readonly #listener: LineListener;
  readonly #gone: Promise<void>;
  #tellGone: () => void = () => {};
  #socket: WebSocketLike | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #readyAt: number | undefined;
  #isOver = false;
  #hasHeard = false;

  constructor(options: ResolvedClientOptions, query: Opening, listener: LineListener) {
    this.#options = options;
    this.#listener = listener;
    this.#gone = new Promise((resolve) => (this.#tellGone = resolve));
    this.#timer = setTimeout(() => this.#cut(), options.connectTimeoutMs);
    void this.#open(query);
  }

  /** The server's `ready` came: from now on the client looks whether the line lives. */
  ready(): void {
    this.#readyAt = this.#options.now();
    clearTimeout(this.#timer);
    this.#watch(false);
  }

  /** Sends a frame, once the server has said something, until the end. */
  send(frame: string): void {
    if (!this.#isOver) this.#socket?.send(frame);
  }

  /** Says goodbye; its listener hears of the end at once. */
  close({ code, reason }: CloseReason): void {
    this.#finish(code);
    this.#socket?.close(code, reason);
  }

  /** Resolves once nothing is left of it, after a second at the latest. */
  async left(): Promise<void> {
    const patience = setTimeout(() => {
      this.#socket?.terminate?.();
      this.#tellGone();
    }, GOODBYE_MS);
    await this.#gone;
    clearTimeout(patience);
  }

  async #open(query: Opening): Promise<void> {
    let proof: Opening;
    try {
      proof = await fetchProof(this.#options);
    } catch (error) {
      this.#options.onError(error, { stage: "proof" });
      return this.#finish(NO_CODE);
    }
    if (!this.#isOver) this.#start({ ...proof, ...query });
  }

  #start(opening: Opening): void {
    try {
      this.#socket = openSocket(this.#options, opening);
    } catch (error) {
      return this.#finish(NO_CODE, WatertightError.is(error) ? error : undefined);
    }
    this.#socket.onmessage = ({ data }: { readonly data: unknown }) => {
      this.#hasHeard = true;
      if (!this.#isOver) this.#listener.onData(data);
    };
    // A close event follows, with as little in it as in the error.
    this.#socket.onerror = () => {};
    this.#socket.onclose = ({ code }: { readonly code: number }) => {
      this.#tellGone();
      this.#finish(code);
    };
  }

  /** Scripts in a browser see no pings of the protocol: only an answer shows that the line lives. */
  #watch(isPinged: boolean): void {
    this.#hasHeard = false;
    this.#timer = setTimeout(() => {
      if (this.#hasHeard) return this.#watch(false);
      if (isPinged) return this.#cut();
      this.send(PING);
      this.#watch(true);
    }, this.#options.heartbeatMs);
  }

  /** A line that does not answer would not answer a goodbye either. */
  #cut(): void {
    this.#finish(NO_CODE);
    if (this.#socket?.terminate === undefined) this.#socket?.close();
    else this.#socket.terminate();
  }

  #finish(code: number, error?: WatertightError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    if (this.#socket === undefined) this.#tellGone();
    const { now } = this.#options;
    const livedMs = this.#readyAt === undefined ? 0 : now() - this.#readyAt;
    this.#listener.onEnd({ code, livedMs, ...(error === undefined ? {} : { error }) });
  }
}
