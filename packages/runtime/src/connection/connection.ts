import { WebSocket } from "ws";
import { CLOSE, type CloseReason } from "../protocol/close-codes.ts";

/** How long a peer may take to answer a close frame before its socket is cut. */
const CLOSE_GRACE_MS = 1000;

/** connecting → ready → closing → closed; nothing is sent before ready or after closing began. */
export type ConnectionState = "ready" | "closing" | "closed";

/** One live socket of a user. Only its manager writes to it. */
export class Connection {
  readonly id: string;
  readonly sessionId: string;
  /** Resolves when the socket is gone, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  #state: ConnectionState = "ready";
  #isAlive = true;

  constructor(id: string, sessionId: string, socket: WebSocket) {
    this.id = id;
    this.sessionId = sessionId;
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      if (socket.readyState === WebSocket.CLOSED) resolve();
      else socket.once("close", () => resolve());
    });
    void this.closed.then(() => (this.#state = "closed"));
    const proveLife = (): void => void (this.#isAlive = true);
    socket.on("pong", proveLife);
    socket.on("message", proveLife);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Bytes written but not yet taken by the peer. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Writes a text frame; `false` if the socket takes none any more. */
  write(frame: string): boolean {
    if (this.#state !== "ready" || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(frame);
    return true;
  }

  /** Pings the peer. One that did not answer the ping before is cut: it would never answer a close. */
  beat(): void {
    if (this.#state !== "ready") return;
    if (!this.#isAlive) {
      this.close(CLOSE.heartbeatMissed);
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#socket.ping();
  }

  /** Says goodbye and cuts the socket if the peer does not answer within a second. Idempotent. */
  close(reason: CloseReason): void {
    if (this.#state !== "ready") return;
    this.#state = "closing";
    this.#socket.close(reason.code, reason.reason);
    const cut = setTimeout(() => this.#socket.terminate(), CLOSE_GRACE_MS);
    this.#socket.once("close", () => clearTimeout(cut));
  }
}
