import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Authenticate, Identity } from "../auth/authenticate.ts";
import type { Connection } from "../connection/connection.ts";
import { createUserContext, type UserContext } from "../context/user-context.ts";
import { WatertightError } from "../errors.ts";
import type { Agent } from "../execution/agent.ts";
import type { OnError } from "../execution/agent-execution-registry.ts";
import { CLOSE } from "../protocol/close-codes.ts";
import type { ReadyFrame } from "../protocol/frames.ts";
import type { UserSession, UserSessionManager } from "../session/user-session-manager.ts";
import { releaseAfter, type ResidentUser, type ResidentUsers } from "./resident-users.ts";
import { WebSocketDialog } from "./web-socket-dialog.ts";

/** What an upgrade needs; resolved by `createRuntime`. */
export interface UpgradeOptions {
  readonly path: string;
  readonly authenticate: Authenticate;
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

type Refusal = readonly [status: number, phrase: string];

const UNAUTHORIZED: Refusal = [401, "Unauthorized"];
const FORBIDDEN: Refusal = [403, "Forbidden"];
const NOT_FOUND: Refusal = [404, "Not Found"];
const UNAVAILABLE: Refusal = [503, "Service Unavailable"];

/** Turns upgrade requests into authenticated, ready connections, or into a clear no. */
export class UpgradeHandler {
  readonly #options: UpgradeOptions;
  readonly #server: WebSocketServer;
  #isClosed = false;

  constructor(options: UpgradeOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: options.maxFrameBytes,
    });
  }

  /** Sockets that are open now, of all users. */
  get connections(): number {
    return this.#server.clients.size;
  }

  /** The listener for a server's `upgrade` event. */
  async handle(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const ignoreReset = (): void => {};
    socket.on("error", ignoreReset);
    const identity = await this.#admit(request);
    if (Array.isArray(identity)) return refuse(socket, identity as unknown as Refusal);
    socket.off("error", ignoreReset);
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#welcome(webSocket, identity as Identity, request);
    });
  }

  /** Takes nobody any more. Who is here is said goodbye by the managers. */
  close(): void {
    this.#isClosed = true;
    this.#server.close();
  }

  async #admit(request: IncomingMessage): Promise<Identity | Refusal> {
    const { path, allowedOrigins, authenticate, onError } = this.#options;
    const { origin } = request.headers;
    if (this.#isClosed) return UNAVAILABLE;
    if (urlOf(request).pathname !== path) return NOT_FOUND;
    if (origin !== undefined && !allowedOrigins.includes(origin)) return FORBIDDEN;
    const identity = await authenticate(request).catch((error: unknown) => {
      onError(error, { stage: "authenticate" });
      return null;
    });
    return identity ?? UNAUTHORIZED;
  }

  #welcome(socket: WebSocket, identity: Identity, request: IncomingMessage): void {
    const { onError, maxConnections } = this.#options;
    socket.on("error", (error) => onError(error, { stage: "socket" }));
    if (this.connections > maxConnections) return turnAway(socket, CLOSE.serverFull);
    const user = createUserContext(identity);
    const session = this.#sessionFor(user, urlOf(request).searchParams.get("session"));
    if (session === undefined) return turnAway(socket, CLOSE.sessionUnknown);
    const resident = this.#options.residents.enter(user);
    try {
      const { sessionId } = session;
      const connection = resident.manager.connect(socket, { user, sessionId });
      this.#begin(socket, resident, connection);
    } catch (error) {
      if (!WatertightError.is(error)) onError(error, { stage: "connect" });
      turnAway(socket, CLOSE.tooManyConnections);
    }
  }

  #begin(socket: WebSocket, resident: ResidentUser, connection: Connection): void {
    const { residents, sessions, agents, maxMessagesPerSecond, onError } = this.#options;
    const { user } = resident;
    const weakly = new WeakRef(residents);
    const dialog = new WebSocketDialog(resident, connection, {
      agents,
      maxMessagesPerSecond,
      onRun: (run) => releaseAfter(run, weakly),
      onTraffic: () => void sessions.touch(user, connection.sessionId),
      onError,
    });
    dialog.attach(socket);
    socket.once("close", () => setImmediate(() => residents.release(user.key)));
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

function urlOf(request: IncomingMessage): URL {
  return new URL(request.url ?? "/", "http://localhost");
}

/** A browser can't see the status of a refused upgrade, but it can see a close code. */
function turnAway(socket: WebSocket, { code, reason }: { code: number; reason: string }): void {
  socket.close(code, reason);
  const cut = setTimeout(() => socket.terminate(), 1000);
  socket.once("close", () => clearTimeout(cut));
}

function refuse(socket: Duplex, [status, phrase]: Refusal): void {
  socket.end(`HTTP/1.1 ${status} ${phrase}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
