import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Authenticate } from "../auth/authenticate.ts";
import type { Connection } from "../connection/connection.ts";
import { createUserContext, type UserContext } from "../context/user-context.ts";
import type { Agent } from "../execution/agent.ts";
import type { OnError } from "../internal/on-error.ts";
import { MAX_TIMER_MS } from "../internal/options.ts";
import { withWatchdog } from "../internal/watchdog.ts";
import { CLOSE, type CloseReason } from "../protocol/close-codes.ts";
import type { ReadyFrame } from "../protocol/frames.ts";
import type { UserSession, UserSessionManager } from "../session/user-session-manager.ts";
import type { ResidentUsers } from "./resident-users.ts";
import { WebSocketDialog } from "./web-socket-dialog.ts";

/** What an upgrade needs; resolved by `createRuntime`. */
export interface UpgradeOptions {
  readonly path: string;
  readonly authenticate: Authenticate;
  readonly authenticateTimeoutMs: number;
  readonly allowedOrigins: readonly string[];
  readonly agents: Readonly<Record<string, Agent>>;
  readonly sessions: UserSessionManager;
  readonly residents: ResidentUsers;
  readonly heartbeatMs: number;
  readonly maxFrameBytes: number;
  readonly maxMessagesPerSecond: number;
  readonly maxConnections: number;
  readonly onError: OnError;
}

/** Who was let in, and until when. */
interface Guest {
  readonly user: UserContext;
  readonly expiresAt: number;
}

type Refusal = readonly [status: number, phrase: string];

const UNAUTHORIZED: Refusal = Object.freeze([401, "Unauthorized"] as const);
const FORBIDDEN: Refusal = Object.freeze([403, "Forbidden"] as const);
const NOT_FOUND: Refusal = Object.freeze([404, "Not Found"] as const);
const UNAVAILABLE: Refusal = Object.freeze([503, "Service Unavailable"] as const);
/** How long a socket that was said goodbye may stay. */
const CLOSE_GRACE_MS = 1000;

/** Turns upgrade requests into authenticated, ready connections, or into a clear no. */
export class UpgradeHandler {
  readonly #options: UpgradeOptions;
  readonly #server: WebSocketServer;
  readonly #open = { connections: 0 };
  #isClosed = false;

  constructor(options: UpgradeOptions) {
    this.#options = options;
    // Not written in place: the types of ws don't know `closeTimeout` yet.
    const server = {
      noServer: true,
      // With tracking, each socket would hold the server, and by way of it everybody's sockets.
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.maxFrameBytes,
      closeTimeout: CLOSE_GRACE_MS,
    };
    this.#server = new WebSocketServer(server);
  }

  /** Connections that are open now, of all users. */
  get connections(): number {
    return this.#open.connections;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The listener for a server's `upgrade` event. */
  async handle(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const ignoreReset = (): void => {};
    socket.on("error", ignoreReset);
    const admitted = await this.#admit(request);
    if (!("user" in admitted)) return refuse(socket, admitted);
    socket.off("error", ignoreReset);
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      reportErrors(webSocket, this.#options.onError);
      this.#welcome(webSocket, admitted, urlOf(request)?.searchParams.get("session") ?? null);
    });
  }

  /** Takes nobody any more, not even who is being authenticated. Who is here stays. */
  close(): void {
    this.#isClosed = true;
    this.#server.close();
  }

  async #admit(request: IncomingMessage): Promise<Guest | Refusal> {
    const { path, allowedOrigins } = this.#options;
    const { origin } = request.headers;
    if (this.#isClosed) return UNAVAILABLE;
    if (urlOf(request)?.pathname !== path) return NOT_FOUND;
    if (origin !== undefined && !allowedOrigins.includes(origin)) return FORBIDDEN;
    const guest = await this.#authenticate(request);
    return this.#isClosed ? UNAVAILABLE : (guest ?? UNAUTHORIZED);
  }

  /** Whatever goes wrong here, in whatever way, means that nobody was authenticated. */
  async #authenticate(request: IncomingMessage): Promise<Guest | undefined> {
    const { authenticate, authenticateTimeoutMs, onError } = this.#options;
    try {
      const work = (async () => authenticate(request))();
      const identity = await withWatchdog(work, authenticateTimeoutMs, "authenticate()");
      if (identity === null) return undefined;
      const { expiresAt = Number.POSITIVE_INFINITY } = identity;
      const user = createUserContext(identity);
      return expiresAt > Date.now() ? { user, expiresAt } : undefined;
    } catch (error) {
      onError(error, { stage: "authenticate" });
      return undefined;
    }
  }

  #welcome(socket: WebSocket, { user, expiresAt }: Guest, sessionId: string | null): void {
    const { residents, maxConnections } = this.#options;
    if (this.connections >= maxConnections) return turnAway(socket, CLOSE.serverFull);
    if (residents.get(user)?.manager.hasRoom === false) {
      return turnAway(socket, CLOSE.tooManyConnections);
    }
    const session = this.#sessionFor(user, sessionId);
    if (session === undefined) return turnAway(socket, CLOSE.sessionUnknown);
    const resident = residents.enter(user);
    const connection = resident.admit(socket, session.sessionId);
    countUntilClosed(connection, this.#open);
    closeAt(expiresAt, connection);
    const { agents, maxMessagesPerSecond, onError } = this.#options;
    const settings = { agents, maxMessagesPerSecond, onError };
    new WebSocketDialog(resident, connection, settings).attach(socket);
    connection.write(JSON.stringify(this.#readyFrame(connection)));
  }

  #readyFrame(connection: Connection): ReadyFrame {
    const { heartbeatMs, maxFrameBytes, maxMessagesPerSecond } = this.#options;
    return {
      type: "ready",
      protocolVersion: "1.0",
      connectionId: connection.id,
      sessionId: connection.sessionId,
      heartbeatMs,
      limits: { maxFrameBytes, maxMessagesPerSecond },
    };
  }

  #sessionFor(user: UserContext, sessionId: string | null): UserSession | undefined {
    const { sessions } = this.#options;
    return sessionId === null ? sessions.create(user) : sessions.resume(user, sessionId);
  }
}

function urlOf({ url = "/" }: IncomingMessage): URL | undefined {
  return URL.canParse(url, "http://localhost") ? new URL(url, "http://localhost") : undefined;
}

function reportErrors(socket: WebSocket, onError: OnError): void {
  socket.on("error", (error) => onError(error, { stage: "socket" }));
}

/** A function of its own: what waits for a user's socket must not hold the handler, which leads to all. */
function countUntilClosed(connection: Connection, open: { connections: number }): void {
  open.connections += 1;
  void connection.closed.then(() => (open.connections -= 1));
}

/** Closes the connection when the proof of who it belongs to has expired. */
function closeAt(expiresAt: number, connection: Connection): void {
  if (expiresAt === Number.POSITIVE_INFINITY) return;
  const check = (): void => {
    const leftMs = expiresAt - Date.now();
    if (leftMs <= 0) return connection.close(CLOSE.proofExpired);
    timer = setTimeout(check, Math.min(leftMs, MAX_TIMER_MS)).unref();
  };
  let timer: NodeJS.Timeout | undefined;
  check();
  void connection.closed.then(() => clearTimeout(timer));
}

/** A browser can't see the status of a refused upgrade, but it can see a close code. */
function turnAway(socket: WebSocket, { code, reason }: CloseReason): void {
  socket.close(code, reason);
}

/** Destroys the socket once the answer is out: `node:http` would leave it half open for ever. */
function refuse(socket: Duplex, [status, phrase]: Refusal): void {
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${phrase}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
