import { WebSocket } from "ws";
import { CLOSE, type CloseReason } from "../protocol/close-codes.ts";

/** How long a peer may take to answer a close frame before its socket is cut. */
const CLOSE_GRACE_MS = 1000;

/** ready → closing → closed; nothing is sent after closing began. */
export type ConnectionState = "ready" | "closing" | "closed";

/** One live socket of a user. Only its manager writes to it. */
export class Connection {
  readonly id: string;
  readonly sessionId: string;
  /** Resolves when the socket is gone, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #maxBufferedBytes: number;
  #state: ConnectionState = "ready";
  #isAlive = true;

  constructor(id: string, sessionId: string, socket: WebSocket, maxBufferedBytes: number) {
    this.id = id;
    this.sessionId = sessionId;
    this.#socket = socket;
    this.#maxBufferedBytes = maxBufferedBytes;
    this.closed = new Promise((resolve) => {
      if (socket.readyState === WebSocket.CLOSED) resolve();
      else socket.once("close", () => resolve());
    });
    void this.closed.then(() => (this.#state = "closed"));
    for (const sign of ["pong", "ping", "message"]) socket.on(sign, () => (this.#isAlive = true));
    // After an error ws says goodbye by itself (1009 and the like); it need not be answered either.
    socket.on("error", () => this.#leave());
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Bytes written but not yet taken by the peer. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** More waits for the peer than may. */
  get isSlow(): boolean {
    return this.bufferedBytes > this.#maxBufferedBytes;
  }

  /** Writes a text frame; `false` if the socket takes none any more. A slow reader is closed. */
  write(frame: string): boolean {
    if (this.#state !== "ready" || this.#socket.readyState !== WebSocket.OPEN) return false;
    if (this.isSlow) {
      this.close(CLOSE.slowReader);
      return false;
    }
    this.#socket.send(frame);
    return true;
  }

  /** Pings the peer. One that showed no life since the ping before is closed, and so is a slow one. */
  beat(): void {
    if (this.isSlow) return this.close(CLOSE.slowReader);
    if (!this.#isAlive) return this.close(CLOSE.heartbeatMissed);
    if (this.#state !== "ready") return;
    this.#isAlive = false;
    this.#socket.ping();
  }

  /** Says goodbye and cuts the socket if the peer does not answer within a second. Idempotent. */
  close(reason: CloseReason): void {
    if (this.#state !== "ready") return;
    this.#leave();
    this.#socket.close(reason.code, reason.reason);
  }

  #leave(): void {
    if (this.#state !== "ready") return;
    this.#state = "closing";
    const cut = setTimeout(() => this.#socket.terminate(), CLOSE_GRACE_MS);
    this.#socket.once("close", () => clearTimeout(cut));
  }
}
