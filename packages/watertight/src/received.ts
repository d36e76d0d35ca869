import { canaryPattern } from "./canary.ts";

/** Everything that arrived at a simulated user in one piece: a WebSocket frame or an HTTP answer. */
export interface Received {
  /** The number of the user who received it. */
  readonly user: number;
  /** For example `user-07/socket-1`. */
  readonly connection: string;
  /** Counts from 0 per connection. */
  readonly index: number;
  /** Milliseconds since the round began. */
  readonly atMs: number;
  readonly bytes: Buffer;
  /** For an HTTP answer, the refusal of a handshake included: what it answers. */
  readonly answer?: HttpAnswer;
}

/** What an HTTP answer is to. */
export interface HttpAnswer {
  /** Method and path, for people: without the query, and with every canary masked. */
  readonly request: string;
  readonly status: number;
}

/** Names a request so that a title can show it. */
export function describeRequest(method: string, url: URL): string {
  return `${method} ${url.pathname.replace(canaryPattern(), "…")}`;
}

/** Reads a received piece as a JSON object; `undefined` if it isn't one. */
export function readJson(received: Received): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(received.bytes.toString("utf8"));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Narrows to an object that is no array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
