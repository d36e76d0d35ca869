import type { IncomingMessage } from "node:http";
import type { Authenticate } from "./auth/authenticate.ts";
import type { Broker } from "./broker/broker.ts";
import type { UserContext } from "./context/user-context.ts";
import { WatertightError } from "./errors.ts";
import { createSecretKeys, type SecretKeys } from "./bridge/redact-keys.ts";
import type { EventLog } from "./event-log/event-log.ts";
import type { Agent } from "./execution/agent.ts";
import { checkDoubleTexting } from "./execution/registry-options.ts";
import type { RunQueue } from "./execution/run-queue.ts";
import type { DoubleTexting } from "./execution/thread-lanes.ts";
import { guardOnError, type OnError } from "./internal/on-error.ts";
import { callable, milliseconds, wholeNumber } from "./internal/options.ts";
import { type Logger, SILENT } from "./metrics/logger.ts";
import type { ScopeOptions } from "./scope/scope.ts";
import type { SessionStore } from "./session/session-store.ts";
import type { UserSessionManagerOptions } from "./session/user-session-manager.ts";

/** What the runtime holds its users to. */
export interface RuntimeLimits {
  /** Open sockets of all users together. Default: 10,000. */
  readonly maxConnections?: number;
  /** Open sockets of one user. Default: 10. */
  readonly maxConnectionsPerUser?: number;
  /** Bytes of one frame from a client. Default: 1 MiB. */
  readonly maxFrameBytes?: number;
  /** Frames a second from one socket. Default: 100. */
  readonly maxMessagesPerSecond?: number;
  /** Bytes that may wait for a slow reader. Default: 1 MiB. */
  readonly maxBufferedBytes?: number;
  /** Requests that may be asked for their proof at once; more get 503. Default: 1,000. */
  readonly maxPendingAdmissions?: number;
  /** Runs that one user may have going at once; more wait for their turn. Default: 8. */
  readonly maxConcurrentRuns?: number;
  /** Runs of one user that may wait for their turn; one more is refused. Default: 100. */
  readonly maxQueuedRuns?: number;
  /** How long a run may wait for its turn. Default: 600,000. */
  readonly maxQueueWaitMs?: number;
  /** Runs of all users together that go on at once; turns are shared out fairly. Default: 256. */
  readonly maxRunningRuns?: number;
  /** How long tokens that a user has used count, from the first one on. Default: 60,000. */
  readonly tokenWindowMs?: number;
  /** How long a run may take. Default: 600,000. */
  readonly runTimeoutMs?: number;
  /** How long an agent may show no progress before it counts as dead. Default: 60,000. */
  readonly progressTimeoutMs?: number;
}

/** What a runtime is built from; read, checked and frozen once, when it is built. */
export interface RuntimeOptions {
  /** Says who a request comes from; nobody gets in without. */
  readonly authenticate: Authenticate;
  /** The agents by the names that clients use. */
  readonly agents: Readonly<Record<string, Agent>>;
  /** Milliseconds that `authenticate` may take; then it is a no. Default: 10,000. */
  readonly authenticateTimeoutMs?: number;
  /** Origins whose pages may connect, for example `https://app.example.com`. Default: none. */
  readonly allowedOrigins?: readonly string[];
  /**
   * Pages of these origins may send cookies with their requests, if `authenticate` takes one for a
   * proof. Default: no.
   */
  readonly allowCredentials?: boolean;
  /** Where sockets connect. Default: `/ws`. */
  readonly path?: string;
  /** Milliseconds between pings. Default: 30,000. */
  readonly heartbeatMs?: number;
  /**
   * Where events are kept, so that nobody who was away has missed any. The one who makes it closes
   * it, after the runtime. Default: in memory, which a restart empties.
   */
  readonly eventLog?: EventLog;
  /** What agents find in their run's scope, by `container.in(context.scope)`. Default: nothing. */
  readonly container?: NonNullable<ScopeOptions["container"]>;
  /** Where sign-ins are kept. Default: in memory. */
  readonly sessionStore?: SessionStore;
  /** Where runs wait for their turn. Default: in memory. */
  readonly runQueue?: RunQueue;
  /**
   * Carries what nodes have to tell one another, where several runtimes serve the same users. Needs
   * an `eventLog` that nodes may share and a `sessionStore`, both the same for all of them. The one
   * who makes it closes it, after the runtimes. Default: none; this node is the only one.
   */
  readonly broker?: Broker;
  /** A user's share of turns, as a multiple of everybody else's. Default: 1 for all. */
  readonly weightOf?: (user: UserContext) => number;
  /**
   * How many tokens a user may use in `limits.tokenWindowMs`, as agents report them. From that number
   * on the user's runs wait for the window's end, and are told so; those that go on are left alone.
   * Default: as many as there are.
   */
  readonly tokenBudgetOf?: (user: UserContext) => number;
  /** What a run does to another one of its thread. Default: `parallel`. */
  readonly doubleTexting?: DoubleTexting;
  /** Names of further keys whose values are secrets, in what agents and tools say. Default: none. */
  readonly redactKeys?: readonly string[];
  /** Milliseconds for which the event loop may stand still before that is an alarm. Default: unwatched. */
  readonly loopBlockedMs?: number;
  readonly limits?: RuntimeLimits;
  readonly sessions?: UserSessionManagerOptions;
  /** Where log lines go, ids and numbers only; a `pino` logger fits. Default: nowhere. */
  readonly logger?: Logger;
  /**
   * Says whether a request comes from an operator, who may inspect, drain, export and erase users over
   * HTTP. Default: nobody is one.
   */
  readonly authorizeOperator?: (request: IncomingMessage) => boolean | Promise<boolean>;
  /** Milliseconds after which an alarm that was not raised again goes off. Default: 300,000. */
  readonly alarmHoldMs?: number;
  /** Hears of failures that no caller can be told of. Default: nobody does. */
  readonly onError?: OnError;
}

type Contracts =
  | "container"
  | "eventLog"
  | "sessionStore"
  | "runQueue"
  | "broker"
  | "loopBlockedMs";

/** The options, checked, with defaults and frozen. */
export interface ResolvedOptions extends Readonly<
  Required<Omit<RuntimeOptions, "limits" | "sessions" | "redactKeys" | Contracts>>
> {
  readonly secretKeys: SecretKeys;
  readonly container: RuntimeOptions["container"] | undefined;
  readonly eventLog: EventLog | undefined;
  readonly sessionStore: SessionStore | undefined;
  readonly runQueue: RunQueue | undefined;
  readonly broker: Broker | undefined;
  readonly loopBlockedMs: number | undefined;
  readonly limits: Readonly<Required<RuntimeLimits>>;
  readonly sessions: UserSessionManagerOptions;
}

const DEFAULT_LIMITS: Readonly<Required<RuntimeLimits>> = Object.freeze({
  maxConnections: 10_000,
  maxConnectionsPerUser: 10,
  maxFrameBytes: 1024 * 1024,
  maxMessagesPerSecond: 100,
  maxBufferedBytes: 1024 * 1024,
  maxPendingAdmissions: 1000,
  maxConcurrentRuns: 8,
  maxQueuedRuns: 100,
  maxQueueWaitMs: 600_000,
  maxRunningRuns: 256,
  tokenWindowMs: 60_000,
  runTimeoutMs: 600_000,
  progressTimeoutMs: 60_000,
});

/** Checks every option and fills in the defaults. Throws WT_OPTION_INVALID. */
export function resolveOptions(options: RuntimeOptions): ResolvedOptions {
  const onError = guardOnError(options.onError);
  return Object.freeze({
    authenticate: callable("authenticate", options.authenticate),
    authenticateTimeoutMs: milliseconds(
      "authenticateTimeoutMs",
      options.authenticateTimeoutMs ?? 10_000,
    ),
    agents: resolveAgents(options.agents),
    logger: options.logger ?? SILENT,
    authorizeOperator: callable("authorizeOperator", options.authorizeOperator ?? (() => false)),
    alarmHoldMs: milliseconds("alarmHoldMs", options.alarmHoldMs ?? 300_000),
    allowedOrigins: resolveOrigins(options.allowedOrigins ?? []),
    allowCredentials: flag("allowCredentials", options.allowCredentials ?? false),
    path: resolvePath(options.path ?? "/ws"),
    heartbeatMs: milliseconds("heartbeatMs", options.heartbeatMs ?? 30_000),
    container: options.container,
    eventLog: options.eventLog,
    sessionStore: options.sessionStore,
    runQueue: options.runQueue,
    broker: resolveBroker(options),
    weightOf: callable("weightOf", options.weightOf ?? (() => 1)),
    tokenBudgetOf: callable(
      "tokenBudgetOf",
      options.tokenBudgetOf ?? (() => Number.POSITIVE_INFINITY),
    ),
    doubleTexting: checkDoubleTexting(options.doubleTexting ?? "parallel"),
    secretKeys: createSecretKeys(options.redactKeys ?? []),
    loopBlockedMs:
      options.loopBlockedMs === undefined
        ? undefined
        : milliseconds("loopBlockedMs", options.loopBlockedMs),
    limits: resolveLimits(options.limits ?? {}),
    sessions: Object.freeze({ ...options.sessions }),
    onError,
  });
}

function resolveAgents(agents: Readonly<Record<string, Agent>>): Readonly<Record<string, Agent>> {
  if (typeof agents !== "object" || agents === null) throw invalid("agents", "agents by name");
  for (const [name, agent] of Object.entries(agents)) callable(`agents.${name}`, agent);
  return Object.freeze({ ...agents });
}

/** A node that shares users, but not what is known of them, would split them in two. */
function resolveBroker({ broker, eventLog, sessionStore }: RuntimeOptions): Broker | undefined {
  if (broker === undefined) return undefined;
  if (eventLog?.isShareable !== true) {
    throw invalid("eventLog", "one that nodes can share, as there is a `broker`");
  }
  if (sessionStore !== undefined) return broker;
  throw invalid("sessionStore", "the one of all nodes, as there is a `broker`");
}

function flag(name: string, value: boolean): boolean {
  if (typeof value === "boolean") return value;
  throw invalid(name, "true or false");
}

/** An origin with a path, or the `*` of other servers, would never match: better to say so at once. */
function resolveOrigins(origins: readonly string[]): readonly string[] {
  const isOrigin = (origin: unknown): boolean =>
    typeof origin === "string" && /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s*]+$/.test(origin);
  if (Array.isArray(origins) && origins.every(isOrigin)) return Object.freeze([...origins]);
  throw invalid(
    "allowedOrigins",
    "a list of origins like `https://app.example.com`, without a path or a `*`",
  );
}

function resolvePath(path: string): string {
  const isPath = typeof path === "string" && URL.canParse(path, "http://localhost");
  if (isPath && new URL(path, "http://localhost").pathname === path) return path;
  throw invalid("path", "a path like `/ws`, without a query");
}

function resolveLimits(limits: RuntimeLimits): ResolvedOptions["limits"] {
  const unknown = Object.keys(limits).find((name) => !Object.hasOwn(DEFAULT_LIMITS, name));
  if (unknown !== undefined) {
    const known = Object.keys(DEFAULT_LIMITS).join(", ");
    throw invalid(`limits.${unknown}`, `absent, or one of ${known}`);
  }
  const entries = Object.entries(DEFAULT_LIMITS).map(([name, fallback]): [string, number] => {
    const value = limits[name as keyof RuntimeLimits] ?? fallback;
    if (name.endsWith("Ms")) return [name, milliseconds(`limits.${name}`, value)];
    return [name, wholeNumber(`limits.${name}`, value, name === "maxQueuedRuns" ? 0 : 1)];
  });
  return Object.freeze(Object.fromEntries(entries)) as ResolvedOptions["limits"];
}

function invalid(name: string, expected: string): WatertightError {
  return new WatertightError("WT_OPTION_INVALID", `Expected \`${name}\` to be ${expected}`);
}
