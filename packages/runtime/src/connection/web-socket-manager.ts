import { randomUUID } from "node:crypto";
import type { WebSocket } from "ws";
import { checkOwner, checkUser, type UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import { callable, milliseconds, wholeNumber } from "../internal/options.ts";
import { CLOSE, type CloseReason } from "../protocol/close-codes.ts";
import { Connection } from "./connection.ts";

/** What one user's sockets are held to; every limit has a default. */
export interface WebSocketManagerOptions {
  /** Sockets that a user may have at once. Default: 10. */
  readonly maxConnections?: number;
  /** Bytes that may wait for a slow reader before its socket is closed. Default: 1 MiB. */
  readonly maxBufferedBytes?: number;
  /** Milliseconds between pings; a peer that answers none is closed after two. Default: 30,000. */
  readonly heartbeatMs?: number;
  /** Default: a random UUID. */
  readonly createId?: () => string;
}

/** Who a socket was authenticated as, and in which session. */
export interface Authenticated {
  readonly user: UserContext;
  readonly sessionId: string;
}

/** What became of a frame. Nobody connected is never "delivered". */
export type SendResult =
  | { readonly status: "delivered"; readonly connections: number }
  | { readonly status: "refused"; readonly reason: "no-connection" | "slow-reader" | "disposed" };

const MIB = 1024 * 1024;

/**
 * The live sockets of one user. Takes only sockets that were authenticated as this user, sends only
 * what is marked as this user's, and knows of no other user.
 */
export class WebSocketManager implements AsyncDisposable {
  readonly user: UserContext;
  readonly #options: Readonly<Required<WebSocketManagerOptions>>;
  readonly #connections = new Map<string, Connection>();
  #heartbeat: NodeJS.Timeout | undefined;
  #disposal: Promise<void> | undefined;

  /** @internal Use {@link createWebSocketManager}. */
  constructor(user: UserContext, options: Readonly<Required<WebSocketManagerOptions>>) {
    this.user = user;
    this.#options = options;
  }

  /** The user's connections now, oldest first. */
  get connections(): readonly Connection[] {
    return [...this.#connections.values()];
  }

  /** Whether one more connection would be taken. */
  get hasRoom(): boolean {
    return this.#disposal === undefined && this.#connections.size < this.#options.maxConnections;
  }

  /**
   * Takes an open socket; it is released when it closes, however that happens. Throws
   * WT_OWNER_MISMATCH for a socket of another user, WT_CONNECTION_LIMIT when the user has all the
   * connections that are allowed, WT_SCOPE_DISPOSED.
   */
  connect(socket: WebSocket, authenticated: Authenticated): Connection {
    checkOwner(this.user, authenticated.user);
    this.#assertRoom();
    const id = this.#options.createId();
    const { maxBufferedBytes } = this.#options;
    const connection = new Connection(id, authenticated.sessionId, socket, maxBufferedBytes);
    this.#connections.set(id, connection);
    this.#heartbeat ??= this.#startHeartbeat();
    void connection.closed.then(() => this.#release(id));
    return connection;
  }

  /**
   * Sends one text frame to every connection of the user. `owner` says whose frame it is: a frame of
   * anybody else is a bug in the caller and throws WT_OWNER_MISMATCH. A reader that is too slow is
   * closed (4002) and delays nobody.
   */
  send(owner: UserContext, frame: string): SendResult {
    checkOwner(this.user, owner);
    if (this.#disposal !== undefined) return REFUSED.disposed;
    let delivered = 0;
    let slow = 0;
    for (const connection of this.#connections.values()) {
      if (connection.isSlow) slow += 1;
      if (connection.write(frame)) delivered += 1;
    }
    if (delivered > 0) return { status: "delivered", connections: delivered };
    return slow > 0 ? REFUSED.slowReader : REFUSED.noConnection;
  }

  /** Closes exactly that connection; `false` if this user has none of that id. */
  disconnect(connectionId: string, reason: CloseReason = CLOSE.normal): boolean {
    const connection = this.#connections.get(connectionId);
    connection?.close(reason);
    return connection !== undefined;
  }

  /** Closes every connection of one session; answers how many. */
  disconnectSession(sessionId: string, reason: CloseReason = CLOSE.sessionRevoked): number {
    const affected = this.connections.filter((connection) => connection.sessionId === sessionId);
    for (const connection of affected) connection.close(reason);
    return affected.length;
  }

  /** Closes all connections (1001) and resolves when they are gone. Idempotent. */
  dispose(): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #dispose(): Promise<void> {
    const connections = this.connections;
    for (const connection of connections) connection.close(CLOSE.shuttingDown);
    await Promise.all(connections.map((connection) => connection.closed));
    clearInterval(this.#heartbeat);
  }

  #assertRoom(): void {
    if (this.#disposal !== undefined) {
      throw new WatertightError(
        "WT_SCOPE_DISPOSED",
        "Expected a live WebSocketManager, got one that is disposed. Ask for the user's manager anew.",
      );
    }
    if (this.hasRoom) return;
    const { maxConnections } = this.#options;
    throw new WatertightError(
      "WT_CONNECTION_LIMIT",
      `Expected at most ${maxConnections} connections of a user, got one more. Close one first, or raise maxConnections.`,
    );
  }

  #release(connectionId: string): void {
    this.#connections.delete(connectionId);
    if (this.#connections.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }

  #startHeartbeat(): NodeJS.Timeout {
    const beat = (): void => {
      for (const connection of this.#connections.values()) connection.beat();
    };
    return setInterval(beat, this.#options.heartbeatMs).unref();
  }
}

const REFUSED = Object.freeze({
  disposed: { status: "refused", reason: "disposed" },
  noConnection: { status: "refused", reason: "no-connection" },
  slowReader: { status: "refused", reason: "slow-reader" },
} as const);

/** Makes the manager of one user's sockets. Throws WT_CONTEXT_FORGED or WT_OPTION_INVALID. */
export function createWebSocketManager(
  user: UserContext,
  options: WebSocketManagerOptions = {},
): WebSocketManager {
  const {
    maxConnections = 10,
    maxBufferedBytes = MIB,
    heartbeatMs = 30_000,
    createId = randomUUID,
  } = options;
  const resolved = Object.freeze({
    maxConnections: wholeNumber("maxConnections", maxConnections),
    maxBufferedBytes: wholeNumber("maxBufferedBytes", maxBufferedBytes),
    heartbeatMs: milliseconds("heartbeatMs", heartbeatMs),
    createId: callable("createId", createId),
  });
  return new WebSocketManager(checkUser(user), resolved);
}
