import { randomUUID } from "node:crypto";
import type { WebSocket } from "ws";
import { checkOwner, checkUser, type UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import type { NewRecord } from "../event-log/event-log.ts";
import type { AppendRefusal, UserStream } from "../event-log/user-stream.ts";
import type { Monitor } from "../metrics/monitor.ts";
import { callable, milliseconds, wholeNumber } from "../internal/options.ts";
import { CLOSE, type CloseReason } from "../protocol/close-codes.ts";
import { Connection } from "./connection.ts";
import { Feed, type FeedLoss, type Rendering } from "./feed.ts";
import type { Transport } from "./transport.ts";
import { WebSocketTransport } from "./web-socket-transport.ts";

/** What one user's sockets are held to; every limit has a default. */
export interface WebSocketManagerOptions {
  /** Sockets that a user may have at once. Default: 10. */
  readonly maxConnections?: number;
  /**
   * Bytes that may wait for a slow reader. Then it is given no more until it has taken them: events
   * are read from the log later, and anything else closes it. Default: 1 MiB.
   */
  readonly maxBufferedBytes?: number;
  /** Milliseconds between pings; a peer that answers none is closed after two. Default: 30,000. */
  readonly heartbeatMs?: number;
  /** The user's events, so that what nobody takes now can be had later. Default: none are kept. */
  readonly stream?: UserStream | undefined;
  /** Counts what becomes of events and lines, and raises alarms. Default: nobody does. */
  readonly monitor?: Monitor | undefined;
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
  /** It is in the user's log under that number: whoever comes back, or catches up, gets it. */
  | { readonly status: "queued"; readonly seq: number }
  | { readonly status: "refused"; readonly reason: SendRefusal };

/** Why nobody got a frame and nobody will. */
export type SendRefusal = "no-connection" | "slow-reader" | AppendRefusal;

/** Where in the user's log a connection begins, and how it wants its frames. */
export interface Following {
  /** The number after which it begins. */
  readonly after: number;
  /** Default: every event, with its position in its metadata. */
  readonly rendering?: Rendering;
}

type Parts = "stream" | "monitor";
type ResolvedOptions = Readonly<
  Required<Omit<WebSocketManagerOptions, Parts>> & Pick<WebSocketManagerOptions, Parts>
>;

const MIB = 1024 * 1024;

/**
 * The live sockets of one user. Takes only sockets that were authenticated as this user, sends only
 * what is marked as this user's, and knows of no other user.
 */
export class WebSocketManager implements AsyncDisposable {
  readonly user: UserContext;
  readonly #options: ResolvedOptions;
  readonly #connections = new Map<string, Connection>();
  readonly #feeds = new Map<string, Feed>();
  #heartbeat: NodeJS.Timeout | undefined;
  #disposal: Promise<void> | undefined;

  /** @internal Use {@link createWebSocketManager}. */
  constructor(user: UserContext, options: ResolvedOptions) {
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
   * Takes an open socket, which gets what is sent from now on; it is released when it closes, however
   * that happens. Throws what {@link admit} throws.
   */
  connect(socket: WebSocket, authenticated: Authenticated): Connection {
    const connection = this.admit(new WebSocketTransport(socket), authenticated);
    connection.open();
    const { stream } = this.#options;
    if (stream !== undefined) this.follow(connection, { after: stream.last });
    return connection;
  }

  /**
   * Takes a line that is not ready yet: it counts, but nothing is sent on it until it was opened.
   * Throws WT_OWNER_MISMATCH for one of another user, WT_CONNECTION_LIMIT when the user has all the
   * connections that are allowed, WT_SCOPE_DISPOSED.
   */
  admit(transport: Transport, authenticated: Authenticated): Connection {
    this.#checkOwner(authenticated.user);
    this.#assertRoom();
    const id = this.#options.createId();
    const { maxBufferedBytes } = this.#options;
    const connection = new Connection(id, authenticated.sessionId, transport, maxBufferedBytes);
    this.#connections.set(id, connection);
    this.#heartbeat ??= this.#startHeartbeat();
    void connection.closed.then(() => this.#release(connection));
    return connection;
  }

  /** Gives a connection of this manager the user's events, once it is open. */
  follow(connection: Connection, { after, rendering }: Following): void {
    const { stream } = this.#options;
    if (stream === undefined || this.#connections.get(connection.id) !== connection) return;
    const onLost = (loss: FeedLoss): void => {
      connection.close(loss === "trimmed" ? CLOSE.slowReader : CLOSE.logUnavailable);
    };
    this.#feeds.set(connection.id, new Feed(stream, connection, { after, rendering, onLost }));
  }

  /**
   * Brings an event to every connection of the user, now or, by way of the log, later; without a
   * stream, to who is there. `owner` says whose event it is: one of anybody else is a bug in the
   * caller and throws WT_OWNER_MISMATCH. Never rejects.
   */
  publish(owner: UserContext, record: NewRecord): Promise<SendResult> {
    this.#checkOwner(owner);
    const { stream } = this.#options;
    if (stream === undefined) return Promise.resolve(this.send(owner, record.frame));
    return this.#publish(stream, record);
  }

  /**
   * Sends one text frame to every connection of the user, past the log. `owner` says whose frame it
   * is: a frame of anybody else is a bug in the caller and throws WT_OWNER_MISMATCH. A reader that is
   * too slow is closed (4002) and delays nobody.
   */
  send(owner: UserContext, frame: string): SendResult {
    this.#checkOwner(owner);
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

  async #publish(stream: UserStream, record: NewRecord): Promise<SendResult> {
    const result = await stream.append(record);
    const { monitor } = this.#options;
    if (result.status === "refused") {
      monitor?.published("refused");
      if (result.reason === "log-behind") monitor?.raise("LOG_BEHIND");
      return result;
    }
    const { seq } = result;
    let connections = 0;
    for (const feed of this.#feeds.values()) if (feed.sent >= seq) connections += 1;
    monitor?.published(connections > 0 ? "delivered" : "queued");
    return connections > 0 ? { status: "delivered", connections } : { status: "queued", seq };
  }

  #checkOwner(owner: UserContext): void {
    try {
      checkOwner(this.user, owner);
    } catch (error) {
      this.#options.monitor?.raise("FOREIGN_OWNER");
      throw error;
    }
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

  #release({ id, closeCode }: Connection): void {
    this.#options.monitor?.connectionClosed(closeCode);
    this.#connections.delete(id);
    this.#feeds.delete(id);
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

/**
 * Makes the manager of one user's sockets. Throws WT_CONTEXT_FORGED, WT_OPTION_INVALID, or
 * WT_OWNER_MISMATCH for another user's stream.
 */
export function createWebSocketManager(
  user: UserContext,
  options: WebSocketManagerOptions = {},
): WebSocketManager {
  const {
    maxConnections = 10,
    maxBufferedBytes = MIB,
    heartbeatMs = 30_000,
    createId = randomUUID,
    stream,
    monitor,
  } = options;
  if (stream !== undefined) checkOwner(checkUser(user), stream.user);
  const resolved = Object.freeze({
    stream,
    monitor,
    maxConnections: wholeNumber("maxConnections", maxConnections),
    maxBufferedBytes: wholeNumber("maxBufferedBytes", maxBufferedBytes),
    heartbeatMs: milliseconds("heartbeatMs", heartbeatMs),
    createId: callable("createId", createId),
  });
  return new WebSocketManager(checkUser(user), resolved);
}
