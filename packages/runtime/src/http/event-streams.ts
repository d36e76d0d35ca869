import type { ServerResponse } from "node:http";
import type { Connection } from "../connection/connection.ts";
import { WatertightError } from "../errors.ts";
import type { Monitor } from "../metrics/monitor.ts";
import type { Guest } from "./admission.ts";
import { closeAt } from "./close-at.ts";
import { HttpRefusal, logUnavailable, unavailable } from "./http-refusal.ts";
import type { RequestSessions } from "./request-sessions.ts";
import type { ResidentUser } from "./resident-user.ts";
import type { ResidentUsers } from "./resident-users.ts";
import type { Exchange } from "./route-table.ts";
import { onceClosed, type SseKind, SseTransport } from "./sse-transport.ts";

/** What event streams need; resolved by `createRuntime`. */
export interface EventStreamsOptions {
  readonly sessions: RequestSessions;
  readonly residents: ResidentUsers;
  readonly monitor: Monitor;
  /** One more connection, of whichever kind, may be open on this server. */
  readonly hasRoom: () => boolean;
}

/** A stream that is counted, and that nothing was said on yet. */
export interface OpenStream {
  readonly resident: ResidentUser;
  readonly connection: Connection;
  readonly transport: SseTransport;
}

/** Turns requests into connections of their users, by server-sent events. */
export class EventStreams {
  readonly #options: EventStreamsOptions;
  readonly #open = { connections: 0 };

  constructor(options: EventStreamsOptions) {
    this.#options = options;
  }

  /** Streams that are open now, of all users. */
  get connections(): number {
    return this.#open.connections;
  }

  /**
   * Takes the answer to a request as a connection of its user, whose log is open when it resolves.
   * Until something is written, the request can still be refused. Throws {@link HttpRefusal}.
   */
  async open({ response, url }: Exchange, guest: Guest, kind: SseKind): Promise<OpenStream> {
    const { sessions, residents } = this.#options;
    const { user, expiresAt } = guest;
    this.#checkRoom();
    if (residents.get(user)?.manager.hasRoom === false) throw tooManyConnections();
    const session = await sessions.find(guest, url.searchParams.get("session"));
    if (session === undefined) throw sessionUnknown();
    // Somebody else may have taken the place meanwhile.
    this.#checkRoom();
    const transport = new SseTransport(response, kind);
    const resident = residents.enter(user);
    const connection = admit(resident, transport, session.sessionId);
    countUntilClosed(response, this.#open);
    closeAt(expiresAt, connection);
    try {
      await resident.ready;
      await resident.stream.refresh();
    } catch (error) {
      throw logUnavailable(error);
    }
    // Whom nobody waits for any more is answered in vain.
    if (connection.state !== "authenticated") throw unavailable();
    return { resident, connection, transport };
  }

  #checkRoom(): void {
    if (this.#options.hasRoom()) return;
    this.#options.monitor.raise("SERVER_FULL");
    throw unavailable();
  }
}

function admit(resident: ResidentUser, transport: SseTransport, sessionId: string): Connection {
  try {
    return resident.admit(transport, sessionId);
  } catch (error) {
    if (!WatertightError.is(error)) throw error;
    if (error.code === "WT_CONNECTION_LIMIT") throw tooManyConnections();
    if (error.code === "WT_SCOPE_DISPOSED") throw unavailable();
    throw error;
  }
}

/** A function of its own: what waits for a user's answer must not hold the table of all. */
function countUntilClosed(response: ServerResponse, open: { connections: number }): void {
  if (response.closed || response.req.socket.destroyed) return;
  open.connections += 1;
  onceClosed(response, () => (open.connections -= 1));
}

function tooManyConnections(): HttpRefusal {
  return new HttpRefusal(
    "TOO_MANY_CONNECTIONS",
    "Expected fewer connections of this user, got one more than allowed. Close one first.",
  );
}

function sessionUnknown(): HttpRefusal {
  return new HttpRefusal(
    "SESSION_UNKNOWN",
    "Expected the id of a live session of this user. Ask again without one.",
  );
}
