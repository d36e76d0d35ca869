import type { ServerResponse } from "node:http";
import type { Transport, TransportListener } from "../connection/transport.ts";
import { CLOSE, type CloseReason } from "../protocol/close-codes.ts";
import { SSE_PING, sseComment, sseNamed } from "../protocol/sse-frame.ts";
import { sendRefusal } from "./answer.ts";
import { HttpRefusal, logUnavailable, unavailable } from "./http-refusal.ts";

/** Of whom a stream is: of all that the user's agents say, or of one run, as stock AG-UI clients read it. */
export type SseKind = "user" | "run";

const HEADERS = Object.freeze({
  "content-type": "text/event-stream; charset=utf-8",
  // A proxy that compresses would hold events back.
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
});

/**
 * The answer to a request as a transport: blocks of server-sent events. Nothing is written before the
 * first block, so that until then the request can still be refused. Holds the answer weakly: Node keeps
 * it for as long as it is open, and by way of it a user's things would lead to the server.
 */
export class SseTransport implements Transport {
  readonly #response: WeakRef<ServerResponse>;
  readonly #kind: SseKind;
  #onLife: () => void = () => {};
  #onDrain: () => void = () => {};

  constructor(response: ServerResponse, kind: SseKind) {
    this.#response = new WeakRef(response);
    this.#kind = kind;
  }

  get isOpen(): boolean {
    return this.#open() !== undefined;
  }

  get bufferedBytes(): number {
    return this.#response.deref()?.writableLength ?? 0;
  }

  listen({ onLife, onDrain, onBroken, onClose }: TransportListener): void {
    this.#onLife = onLife;
    this.#onDrain = () => {
      onLife();
      onDrain();
    };
    const response = this.#response.deref();
    if (response === undefined || response.closed || response.req.socket.destroyed)
      return onClose();
    response.on("error", onBroken);
    onceClosed(response, onClose);
  }

  /** Writes a block. Of what is no block, but a frame past the log, one run's stream has no use. */
  send(frame: string, tellDrain: boolean): void {
    const isBlock = !frame.startsWith("{");
    if (!isBlock && this.#kind === "run") return;
    const response = this.begin();
    if (tellDrain) response?.write(isBlock ? frame : `data: ${frame}\n\n`, this.#onDrain);
    else response?.write(isBlock ? frame : `data: ${frame}\n\n`);
  }

  /** An event stream is never answered: that it takes what is written must do. */
  ping(): void {
    const onLife = this.#onLife;
    this.begin()?.write(SSE_PING, (error) => {
      if (error === undefined || error === null) onLife();
    });
  }

  /**
   * Tells why and ends. A run's stream is cut, because stock clients take one that ends whole for a run
   * that did; an answer that has not begun becomes a refusal.
   */
  close(reason: CloseReason): void {
    const response = this.#open();
    if (response === undefined) return;
    if (!response.headersSent) return sendRefusal(response, refusalOf(reason));
    if (this.#kind === "user") return void response.end(sseNamed("close", JSON.stringify(reason)));
    const farewell = sseComment(`closed ${reason.code} ${reason.reason}`);
    response.write(farewell, () => response.destroy());
  }

  terminate(): void {
    this.#response.deref()?.req.socket.destroy();
  }

  /** Says that events follow, if that was not said yet. */
  begin(): ServerResponse | undefined {
    const response = this.#open();
    if (response?.headersSent === false) response.writeHead(200, HEADERS).flushHeaders();
    return response;
  }

  /** All has been said. */
  finish(): void {
    this.begin()?.end();
  }

  #open(): ServerResponse | undefined {
    const response = this.#response.deref();
    return response?.writableEnded === false && !response.destroyed ? response : undefined;
  }
}

/** Calls `listener` once the answer is out, or its socket gone: of an answer that waits behind another, Node tells only that. */
export function onceClosed(response: ServerResponse, listener: () => void): void {
  const { socket } = response.req;
  let isTold = false;
  const tell = (): void => {
    // Both may close in one go, and who was about to be called is called although it left.
    if (isTold) return;
    isTold = true;
    response.off("close", tell);
    socket.off("close", tell);
    listener();
  };
  response.once("close", tell);
  socket.once("close", tell);
}

function refusalOf({ code, reason }: CloseReason): HttpRefusal {
  switch (code) {
    case CLOSE.sessionRevoked.code:
    case CLOSE.sessionExpired.code:
    case CLOSE.proofExpired.code:
      return new HttpRefusal("UNAUTHORIZED", `Expected a live session and proof: ${reason}.`);
    case CLOSE.logUnavailable.code:
      return logUnavailable();
    default:
      return unavailable();
  }
}
