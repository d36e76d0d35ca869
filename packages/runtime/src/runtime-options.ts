import type { Authenticate } from "./auth/authenticate.ts";
import { WatertightError } from "./errors.ts";
import type { Agent } from "./execution/agent.ts";
import { guardOnError, type OnError } from "./internal/on-error.ts";
import { callable, milliseconds, wholeNumber } from "./internal/options.ts";
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
  /** Runs that one user may have going at once. Default: 8. */
  readonly maxConcurrentRuns?: number;
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
  /** Where sockets connect. Default: `/ws`. */
  readonly path?: string;
  /** Milliseconds between pings. Default: 30,000. */
  readonly heartbeatMs?: number;
  readonly limits?: RuntimeLimits;
  readonly sessions?: UserSessionManagerOptions;
  /** Hears of failures that no caller can be told of. Default: nobody does. */
  readonly onError?: OnError;
}

/** The options, checked, with defaults and frozen. */
export interface ResolvedOptions extends Readonly<
  Required<Omit<RuntimeOptions, "limits" | "sessions">>
> {
  readonly limits: Readonly<Required<RuntimeLimits>>;
  readonly sessions: UserSessionManagerOptions;
}

const DEFAULT_LIMITS: Readonly<Required<RuntimeLimits>> = Object.freeze({
  maxConnections: 10_000,
  maxConnectionsPerUser: 10,
  maxFrameBytes: 1024 * 1024,
  maxMessagesPerSecond: 100,
  maxBufferedBytes: 1024 * 1024,
  maxConcurrentRuns: 8,
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
    allowedOrigins: resolveOrigins(options.allowedOrigins ?? []),
    path: resolvePath(options.path ?? "/ws"),
    heartbeatMs: milliseconds("heartbeatMs", options.heartbeatMs ?? 30_000),
    limits: resolveLimits(options.limits ?? {}),
    sessions: Object.freeze({
      ...options.sessions,
      onError: options.sessions?.onError ?? onError,
    }),
    onError,
  });
}

function resolveAgents(agents: Readonly<Record<string, Agent>>): Readonly<Record<string, Agent>> {
  if (typeof agents !== "object" || agents === null) throw invalid("agents", "agents by name");
  for (const [name, agent] of Object.entries(agents)) callable(`agents.${name}`, agent);
  return Object.freeze({ ...agents });
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
    const check = name.endsWith("Ms") ? milliseconds : wholeNumber;
    return [name, check(`limits.${name}`, limits[name as keyof RuntimeLimits] ?? fallback)];
  });
  return Object.freeze(Object.fromEntries(entries)) as ResolvedOptions["limits"];
}

function invalid(name: string, expected: string): WatertightError {
  return new WatertightError("WT_OPTION_INVALID", `Expected \`${name}\` to be ${expected}`);
}
