import type { Event } from "@ag-ui/core";
import { WebSocket } from "ws";

/** One sign-in on one device, and the socket that it talks through now. */
export interface DeviceSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly socket: WebSocket;
}

let managerInstance: WebSocketManager | undefined;

/** The process's connections. */
export function getWebSocketManager(): WebSocketManager {
  managerInstance ??= new WebSocketManager();
  return managerInstance;
}

/** Knows who is connected and who takes part in which thread, and delivers events to them. */
export class WebSocketManager {
  readonly #sessions = new Map<string, DeviceSession>();
  readonly #usersByThread = new Map<string, Set<string>>();
  #threadId = "";

  /**
   * Takes a socket. When it closes, its session stays: the user will be back, and the new socket
   * takes the old one's place.
   */
  connect(session: DeviceSession): string {
    const previous = this.#sessions.get(session.sessionId);
    previous?.socket.close(1000, "the session goes on elsewhere");
    this.#sessions.set(session.sessionId, session);
    return session.sessionId;
  }

  /** Whose session it is; `undefined` for one that never was. */
  ownerOf(sessionId: string): string | undefined {
    return this.#sessions.get(sessionId)?.userId;
  }

  /** Who has once asked something on a thread hears what is said on it, on all devices. */
  joinThread(threadId: string, userId: string): void {
    const users = this.#usersByThread.get(threadId) ?? new Set();
    this.#usersByThread.set(threadId, users.add(userId));
  }

  /** Says where the next event goes: `manager.toThread(threadId).send(event)`. */
  toThread(threadId: string): this {
    this.#threadId = threadId;
    return this;
  }

  /**
   * Sends to all who take part in the thread; answers how many sockets took it. When none of them is
   * there (a tab reloads, say), all others get it, so that no event is lost: clients ignore threads
   * that they don't show.
   */
  send(event: Event): number {
    const users = this.#usersByThread.get(this.#threadId);
    const delivered = this.#write(event, ({ userId }) => users?.has(userId) ?? false);
    return delivered > 0 ? delivered : this.broadcast(event);
  }

  /** Sends to everybody who is connected. */
  broadcast(event: Event): number {
    return this.#write(event, () => true);
  }

  /** Closes every socket. */
  closeAll(code: number, reason: string): void {
    for (const { socket } of this.#sessions.values()) socket.close(code, reason);
  }

  #write(event: Event, isFor: (session: DeviceSession) => boolean): number {
    const frame = JSON.stringify(event);
    let delivered = 0;
    for (const session of this.#sessions.values()) {
      if (session.socket.readyState !== WebSocket.OPEN || !isFor(session)) continue;
      session.socket.send(frame);
      delivered += 1;
    }
    return delivered;
  }
}
