import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Connection } from "../connection/connection.ts";
import { WebSocketTransport } from "../connection/web-socket-transport.ts";
import type { Agent } from "../execution/agent.ts";
import type { OnError } from "../internal/on-error.ts";
import type { Monitor } from "../metrics/monitor.ts";
import { CLOSE, type CloseReason } from "../protocol/close-codes.ts";
import type { ReadyFrame } from "../protocol/frames.ts";
import type { UserSession, UserSessionManager } from "../session/user-session-manager.ts";
import { type Admission, type Guest, NOT_FOUND, type Refusal, urlOf } from "./admission.ts";
import { closeAt } from "./close-at.ts";
import type { ResidentUser } from "./resident-user.ts";
import type { ResidentUsers } from "./resident-users.ts";
import { findStart, type Start } from "./resume.ts";
import { WebSocketDialog } from "./web-socket-dialog.ts";

/** What an upgrade needs; resolved by `createRuntime`. */
export interface UpgradeOptions {
  readonly path: string;
  readonly admission: Admission;
  readonly agents: Readonly<Record<string, Agent>>;
  readonly sessions: UserSessionManager;
  readonly residents: ResidentUsers;
  readonly heartbeatMs: number;
  readonly maxFrameBytes: number;
  readonly maxMessagesPerSecond: number;
  /** One more connection, of whichever kind, may be open on this server. */
  readonly hasRoom: () => boolean;
  readonly monitor: Monitor;
  readonly onError: OnError;
}

/** How long a socket that was said goodbye may stay. */
const CLOSE_GRACE_MS = 1000;

/** Turns upgrade requests into authenticated, ready connections, or into a clear no. */
export class UpgradeHandler {
  readonly #options: UpgradeOptions;
  readonly #server: WebSocketServer;
  readonly #open = { connections: 0 };

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

  /** Sockets that are open now, of all users. */
  get connections(): number {
    return this.#open.connections;
  }

  /** The listener for a server's `upgrade` event. */
  async handle(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const ignoreReset = (): void => {};
    socket.on("error", ignoreReset);
    const url = urlOf(request);
    const isHere = url?.pathname === this.#options.path;
    const admitted = isHere ? await this.#options.admission.admit(request) : NOT_FOUND;
    if (!("user" in admitted)) return refuse(socket, admitted);
    socket.off("error", ignoreReset);
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const { onError } = this.#options;
      reportErrors(webSocket, onError);
      // Nothing is read before the connection is ready: what the client says meanwhile waits.
      webSocket.pause();
      this.#welcome(webSocket, admitted, url?.searchParams ?? new URLSearchParams())
        .catch((error: unknown) => {
          onError(error, { stage: "session-store" });
          turnAway(webSocket, CLOSE.sessionsUnavailable);
        })
        .finally(() => webSocket.resume());
    });
  }

  async #welcome(socket: WebSocket, guest: Guest, query: URLSearchParams): Promise<void> {
    const { user, expiresAt, scopes } = guest;
    const { residents, agents, maxMessagesPerSecond } = this.#options;
    const { monitor, onError } = this.#options;
    if (!this.#options.hasRoom()) {
      monitor.raise("SERVER_FULL");
      return turnAway(socket, CLOSE.serverFull);
    }
    countUntilClosed(socket, this.#open);
    const hasRoom = (): boolean => residents.get(user)?.manager.hasRoom !== false;
    if (!hasRoom()) return turnAway(socket, CLOSE.tooManyConnections);
    const session = await this.#sessionFor(guest, query.get("session"));
    if (session === undefined) return turnAway(socket, CLOSE.sessionUnknown);
    // Somebody else may have taken the place meanwhile.
    if (!hasRoom()) return turnAway(socket, CLOSE.tooManyConnections);
    const resident = residents.enter(user);
    const connection = resident.admit(new WebSocketTransport(socket), session.sessionId);
    closeAt(expiresAt, connection);
    const start = await findStartWhenReady(resident, connection, query.get("after"));
    if (start === undefined) return;
    const settings = { agents, scopes, maxMessagesPerSecond, monitor, onError };
    new WebSocketDialog(resident, connection, settings).attach(socket);
    connection.open();
    connection.write(JSON.stringify(this.#readyFrame(resident, connection, start)));
    resident.manager.follow(connection, start);
  }

  #readyFrame({ stream }: ResidentUser, connection: Connection, start: Start): ReadyFrame {
    const { heartbeatMs, maxFrameBytes, maxMessagesPerSecond } = this.#options;
    return {
      type: "ready",
      protocolVersion: "1.0",
      connectionId: connection.id,
      sessionId: connection.sessionId,
      position: stream.cursor(start.after),
      resume: start.resume,
      heartbeatMs,
      limits: { maxFrameBytes, maxMessagesPerSecond },
    };
  }

  async #sessionFor(guest: Guest, named: string | null): Promise<UserSession | undefined> {
    const { sessions } = this.#options;
    const { user, sessionId = named } = guest;
    // A ticket for one session is none for another.
    if (named !== null && named !== sessionId) return undefined;
    return sessionId === null ? sessions.create(user) : sessions.resume(user, sessionId);
  }
}

/** Waits for the user's log; a connection that can't begin there is closed, and gets `undefined`. */
async function findStartWhenReady(
  resident: ResidentUser,
  connection: Connection,
  cursor: string | null,
): Promise<Start | undefined> {
  try {
    await resident.ready;
    await resident.stream.refresh();
  } catch {
    connection.close(CLOSE.logUnavailable);
    return undefined;
  }
  const start = findStart(resident.stream, cursor);
  if (start === undefined) connection.close(CLOSE.cursorRefused);
  return start;
}

function reportErrors(socket: WebSocket, onError: OnError): void {
  socket.on("error", (error) => onError(error, { stage: "socket" }));
}

/** A function of its own: what waits for a user's socket must not hold the handler, which leads to all. */
function countUntilClosed(socket: WebSocket, open: { connections: number }): void {
  open.connections += 1;
  socket.once("close", () => (open.connections -= 1));
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
