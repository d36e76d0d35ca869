import { guardOnError, type OnError } from "../internal/on-error.ts";
import { callable, milliseconds, wholeNumber } from "../internal/options.ts";
import { isId } from "../internal/is-id.ts";
import type { BackOffOptions } from "./back-off.ts";
import { invalidOption } from "./client-errors.ts";
import type { StateChange } from "./client-state.ts";
import type { Incident } from "./incident.ts";
import { randomId } from "./random-id.ts";
import type { WebSocketConstructor } from "./web-socket-like.ts";

/** Where the events go on after some were lost: app state that was built from events is out of date. */
export interface ResetNotice {
  /** `position-refused`: the server does not know the position; then it goes on with what is new. */
  readonly reason: "trimmed" | "rolled-back" | "new-log" | "position-refused";
}

/** How a client finds its server, proves who it is, and whom it tells. */
export interface ClientOptions {
  /** Where the server's sockets are: `wss://example.com/ws`; `https:` is read as `wss:`. */
  readonly url: string;
  /** The proof for the header `Authorization: Bearer …`; for Node, as browsers can't send one. Called for each attempt. */
  readonly token?: () => string | Promise<string>;
  /** A one-time ticket, for browsers. Called for each attempt. Without either, cookies must do. */
  readonly ticket?: () => string | Promise<string>;
  /** Default: the global one; Node 20 has none, pass that of `ws`. */
  readonly webSocket?: WebSocketConstructor;
  /** Begin after this position, or with `oldest` that is kept. Default: with what is new. */
  readonly after?: string;
  /** Go on in this session. Default: a new one. */
  readonly session?: string;
  /** Silence after which the client looks whether the line lives. Default: 15,000. */
  readonly heartbeatMs?: number;
  /** Milliseconds from the beginning of an attempt to the server's `ready`. Default: 10,000. */
  readonly connectTimeoutMs?: number;
  readonly backOff?: BackOffOptions;
  /** Events that may wait for one reader. Default: 10,000. */
  readonly maxUnreadEvents?: number;
  /** Runs of this client that may be open at once. Default: 1,000. */
  readonly maxOpenRuns?: number;
  /** Hears of whatever came and was refused. */
  readonly onIncident?: (incident: Incident) => void;
  /** Hears that events are missing that were not asked for. */
  readonly onReset?: (notice: ResetNotice) => void;
  readonly onStateChange?: (change: StateChange) => void;
  /** Hears of failures of your callbacks. Default: nobody does. */
  readonly onError?: OnError;
  /** Makes the ids of runs. Default: 128 random bits. */
  readonly createId?: () => string;
  /** A number from 0 to below 1, for the pauses. Default: `Math.random`. */
  readonly random?: () => number;
  /** A clock in milliseconds that does not jump. Default: `performance.now`. */
  readonly now?: () => number;
}

type Defaulted = Required<
  Omit<ClientOptions, "token" | "ticket" | "after" | "session" | "backOff">
>;

/** The options, checked, with defaults and frozen. */
export interface ResolvedClientOptions extends Readonly<Defaulted> {
  readonly token: ClientOptions["token"] | undefined;
  readonly ticket: ClientOptions["ticket"] | undefined;
  readonly after: string | undefined;
  readonly session: string | undefined;
  readonly backOff: Readonly<Required<BackOffOptions>>;
}

/** Checks every option and fills in the defaults. Throws WT_OPTION_INVALID. */
export function resolveClientOptions(options: ClientOptions): ResolvedClientOptions {
  const { token, ticket, after, session, backOff = {} } = options;
  if (token !== undefined && ticket !== undefined) {
    throw invalidOption("ticket", "absent where there is a `token`");
  }
  const onError = guardOnError(options.onError);
  return Object.freeze({
    url: resolveUrl(options.url),
    token: token === undefined ? undefined : callable("token", token),
    ticket: ticket === undefined ? undefined : callable("ticket", ticket),
    webSocket: resolveWebSocket(options.webSocket),
    after: optionalId("after", after),
    session: optionalId("session", session),
    heartbeatMs: milliseconds("heartbeatMs", options.heartbeatMs ?? 15_000),
    connectTimeoutMs: milliseconds("connectTimeoutMs", options.connectTimeoutMs ?? 10_000),
    backOff: Object.freeze({
      baseMs: milliseconds("backOff.baseMs", backOff.baseMs ?? 500),
      maxMs: milliseconds("backOff.maxMs", backOff.maxMs ?? 30_000),
    }),
    maxUnreadEvents: wholeNumber("maxUnreadEvents", options.maxUnreadEvents ?? 10_000),
    maxOpenRuns: wholeNumber("maxOpenRuns", options.maxOpenRuns ?? 1000),
    onIncident: guarded("onIncident", options.onIncident, onError),
    onReset: guarded("onReset", options.onReset, onError),
    onStateChange: guarded("onStateChange", options.onStateChange, onError),
    onError,
    createId: callable("createId", options.createId ?? randomId),
    random: callable("random", options.random ?? Math.random),
    now: callable("now", options.now ?? (() => performance.now())),
  });
}

function resolveUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = url === undefined ? "" : url.protocol.replace(/^http/, "ws");
  if (url === undefined || !/^wss?:$/.test(scheme)) {
    throw invalidOption("url", "an address like `wss://example.com/ws`");
  }
  url.protocol = scheme;
  url.hash = "";
  return url.href;
}

function resolveWebSocket(given: WebSocketConstructor | undefined): WebSocketConstructor {
  const found = given ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (typeof found === "function") return found;
  throw invalidOption(
    "webSocket",
    "a WebSocket class, as there is no global one here: pass that of the package `ws`",
  );
}

function optionalId(name: string, value: string | undefined): string | undefined {
  if (value === undefined || isId(value)) return value;
  throw invalidOption(name, "absent, or the text that an earlier client had");
}

/** A callback that throws ends nothing; its error goes to `onError`. */
function guarded<T>(
  name: string,
  callback: ((value: T) => void) | undefined,
  onError: OnError,
): (value: T) => void {
  if (callback === undefined) return () => {};
  callable(name, callback);
  return (value) => {
    try {
      callback(value);
    } catch (error) {
      onError(error, { stage: name });
    }
  };
}
