import { CLOSE, type CloseReason } from "../protocol/close-codes.ts";
import type { Transport } from "./transport.ts";

/** How long a peer may take to answer a close frame before its line is cut. */
const CLOSE_GRACE_MS = 1000;

/** authenticated → ready → closing → closed; nothing is sent before ready and after closing began. */
export type ConnectionState = "authenticated" | "ready" | "closing" | "closed";

/** One live socket or stream of a user. Only its manager and its feed write to it. */
export class Connection {
  readonly id: string;
  readonly sessionId: string;
  /** Resolves when the line is gone, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #transport: Transport;
  readonly #maxBufferedBytes: number;
  readonly #drains: (() => void)[] = [];
  #state: ConnectionState = "authenticated";
  #closeCode = 0;
  #isAlive = true;
  #hasDrained = false;

  /** @internal Made by a manager. */
  constructor(id: string, sessionId: string, transport: Transport, maxBufferedBytes: number) {
    this.id = id;
    this.sessionId = sessionId;
    this.#transport = transport;
    this.#maxBufferedBytes = maxBufferedBytes;
    let onClose: () => void = () => {};
    this.closed = new Promise((resolve) => (onClose = resolve));
    transport.listen({
      onLife: () => (this.#isAlive = true),
      onDrain: () => this.#drain(),
      onBroken: () => this.#leave(),
      onClose: () => {
        this.#state = "closed";
        this.#drain();
        onClose();
      },
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** The code that it was closed with from here; 0 if the peer left, or the line broke. */
  get closeCode(): number {
    return this.#closeCode;
  }

  /** Bytes written but not yet taken by the peer. */
  get bufferedBytes(): number {
    return this.#transport.bufferedBytes;
  }

  /** More waits for the peer than may. */
  get isSlow(): boolean {
    return this.bufferedBytes > this.#maxBufferedBytes;
  }

  /** From now on it sends. */
  open(): void {
    if (this.#state === "authenticated") this.#state = "ready";
  }

  /** Writes a frame; `false` if the line takes none. A slow reader is closed: what it is asked to take now, nothing keeps for it. */
  write(frame: string): boolean {
    if (!this.isSlow) return this.push(frame);
    this.close(CLOSE.slowReader);
    return false;
  }

  /** Writes a frame whatever waits already; `false` if the line takes none. Who calls it minds {@link isSlow}. */
  push(frame: string): boolean {
    if (this.#state !== "ready" || !this.#transport.isOpen) return false;
    // A character is at most three bytes: whatever may make this slow must tell when it has left.
    const mostBytes = this.bufferedBytes + frame.length * 3;
    this.#transport.send(frame, mostBytes > this.#maxBufferedBytes);
    return true;
  }

  /** Resolves as soon as the peer has taken what waited, or the line is gone. */
  drained(): Promise<void> {
    if (!this.isSlow || this.#state === "closed") return Promise.resolve();
    return new Promise((resolve) => this.#drains.push(resolve));
  }

  /** Pings the peer. One that showed no life since the ping before, or took nothing of what waits, is closed. */
  beat(): void {
    if (this.#state !== "ready") return;
    if (this.isSlow && !this.#hasDrained) return this.close(CLOSE.slowReader);
    if (!this.#isAlive) return this.close(CLOSE.heartbeatMissed);
    this.#isAlive = false;
    this.#hasDrained = false;
    this.#transport.ping();
  }

  /** Says goodbye and cuts the line if the peer does not answer within a second. Idempotent. */
  close(reason: CloseReason): void {
    if (!this.#leave()) return;
    this.#closeCode = reason.code;
    this.#transport.close(reason);
  }

  #drain(): void {
    this.#hasDrained = true;
    for (const resolve of this.#drains.splice(0)) resolve();
  }

  #leave(): boolean {
    if (this.#state !== "authenticated" && this.#state !== "ready") return false;
    this.#state = "closing";
    const cut = setTimeout(() => this.#transport.terminate(), CLOSE_GRACE_MS);
    void this.closed.then(() => clearTimeout(cut));
    return true;
  }
}
