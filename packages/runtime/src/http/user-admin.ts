import { setTimeout as delay } from "node:timers/promises";
import type { ConnectionState } from "../connection/connection.ts";
import { checkUser, type UserContext } from "../context/user-context.ts";
import type { EventLog, LogRecord } from "../event-log/event-log.ts";
import type { RunStatus } from "../execution/run.ts";
import { CLOSE } from "../protocol/close-codes.ts";
import type { UserSession, UserSessionManager } from "../session/user-session-manager.ts";
import type { ResidentUsers } from "./resident-users.ts";

/** What a user has on this node, without anything that was said. */
export interface UserReport {
  readonly tenantId: string;
  readonly userId: string;
  readonly sessions: readonly Omit<UserSession, "user">[];
  readonly connections: readonly {
    readonly id: string;
    readonly sessionId: string;
    readonly state: ConnectionState;
    readonly bufferedBytes: number;
  }[];
  readonly runs: readonly {
    readonly runId: string;
    readonly threadId: string;
    readonly agentName: string;
    readonly status: RunStatus;
  }[];
  /** Numbers of the first and the last event that are kept; absent if the user is not here. */
  readonly log?: { readonly first: number; readonly last: number };
}

/** What an operator can do about one user. */
export interface UserAdmin {
  /** What the user has here now. */
  inspect(user: UserContext): Promise<UserReport>;
  /** Ends the user's runs as cancelled and closes the user's lines (1001), which may come back; nothing told is lost. */
  drain(user: UserContext): Promise<void>;
  /** Everything of the user's log that is kept, oldest first. */
  export(user: UserContext): AsyncIterable<LogRecord>;
  /** Ends the user's sessions, runs and lines, and forgets the user's log. */
  erase(user: UserContext): Promise<void>;
}

/** What an admin works on; resolved by `createRuntime`. */
export interface UserAdminParts {
  readonly residents: ResidentUsers;
  readonly sessions: UserSessionManager;
  readonly eventLog: EventLog;
}

/** So long is waited for a user to have left, and so often is looked. */
const LEAVE_MS = 1000;
const LEAVE_LOOK_MS = 10;
const PAGE = Object.freeze({ maxRecords: 1000, maxBytes: 1024 * 1024 });

/** Makes the operator's calls. Each is about one user and names that user. */
export function createUserAdmin(parts: UserAdminParts): UserAdmin {
  return Object.freeze({
    inspect: (user: UserContext) => inspect(parts, checkUser(user)),
    drain: (user: UserContext) => drain(parts, checkUser(user)),
    export: (user: UserContext) => exportLog(parts, checkUser(user)),
    erase: (user: UserContext) => erase(parts, checkUser(user)),
  });
}

async function inspect(parts: UserAdminParts, user: UserContext): Promise<UserReport> {
  const { tenantId, userId } = user;
  const resident = parts.residents.get(user);
  await resident?.ready;
  const listed = await parts.sessions.list(user);
  const sessions = listed.map((session) => without(session, "user"));
  const connections = (resident?.manager.connections ?? []).map((connection) => {
    const { id, sessionId, state, bufferedBytes } = connection;
    return { id, sessionId, state, bufferedBytes };
  });
  const runs = (resident?.registry.list() ?? []).map(({ request, agentName, status }) => {
    return { runId: request.runId, threadId: request.threadId, agentName, status };
  });
  const report = { tenantId, userId, sessions, connections, runs };
  if (resident === undefined) return report;
  return { ...report, log: { first: resident.stream.first, last: resident.stream.last } };
}

async function drain({ residents }: UserAdminParts, user: UserContext): Promise<void> {
  const resident = residents.get(user);
  if (resident === undefined) return;
  for (const run of resident.registry.list()) resident.registry.cancel(run.request.runId);
  await resident.stream.settled();
  const { connections } = resident.manager;
  for (const connection of connections) connection.close(CLOSE.shuttingDown);
  await Promise.all(connections.map(({ closed }) => closed));
}

/** A user who is not here is let in for as long as it takes. */
async function* exportLog(
  { residents }: UserAdminParts,
  user: UserContext,
): AsyncGenerator<LogRecord> {
  const { stream, ready } = residents.enter(user);
  try {
    await ready;
    let after = stream.first - 1;
    while (after < stream.last) {
      for (const record of await stream.read(after, PAGE)) {
        after = record.seq;
        yield record;
      }
    }
  } finally {
    residents.release(user.key);
  }
}

async function erase(parts: UserAdminParts, user: UserContext): Promise<void> {
  await parts.sessions.revokeAll(user);
  await drain(parts, user);
  const patience = performance.now() + LEAVE_MS;
  // Whoever is still here would lose the log from under its feet.
  while (parts.residents.get(user) !== undefined && performance.now() < patience) {
    await delay(LEAVE_LOOK_MS);
  }
  await parts.eventLog.erase(user);
}

function without<T extends object, K extends keyof T>(whole: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = whole;
  return rest;
}
