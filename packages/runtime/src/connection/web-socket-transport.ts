import { WebSocket } from "ws";
import type { CloseReason } from "../protocol/close-codes.ts";
import type { Transport, TransportListener } from "./transport.ts";

/** A socket of `ws` as a transport. */
export class WebSocketTransport implements Transport {
  readonly #socket: WebSocket;
  #onDrain: () => void = () => {};

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  listen({ onLife, onDrain, onBroken, onClose }: TransportListener): void {
    const socket = this.#socket;
    this.#onDrain = onDrain;
    for (const sign of ["pong", "ping", "message"]) socket.on(sign, onLife);
    // After an error ws says goodbye by itself (1009 and the like); it need not be answered either.
    socket.on("error", onBroken);
    if (socket.readyState === WebSocket.CLOSED) onClose();
    else socket.once("close", () => onClose());
  }

  send(frame: string, tellDrain: boolean): void {
    if (tellDrain) this.#socket.send(frame, this.#onDrain);
    else this.#socket.send(frame);
  }

  ping(): void {
    this.#socket.ping();
  }

  close({ code, reason }: CloseReason): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}
