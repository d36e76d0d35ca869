import type { Refusal } from "./admission.ts";

/** Why a request was not obeyed; one row each in docs/ag-ui.md. */
export type HttpErrorCode =
  | "URL_INVALID"
  | "INPUT_INVALID"
  | "CURSOR_REFUSED"
  | "UNAUTHORIZED"
  | "ORIGIN_REFUSED"
  | "NOT_FOUND"
  | "AGENT_UNKNOWN"
  | "RUN_UNKNOWN"
  | "SESSION_UNKNOWN"
  | "METHOD_REFUSED"
  | "BODY_TOO_SLOW"
  | "RUN_CONFLICT"
  | "THREAD_BUSY"
  | "EVENTS_GONE"
  | "BODY_TOO_LARGE"
  | "CONTENT_TYPE_REFUSED"
  | "TOO_MANY_RUNS"
  | "TOO_MANY_CONNECTIONS"
  | "INTERNAL"
  | "LOG_UNAVAILABLE"
  | "UNAVAILABLE";

/** After so many seconds it makes sense to ask again. */
const RETRY_AFTER = Object.freeze({ "retry-after": "1" });

const STATUS: Readonly<Record<HttpErrorCode, number>> = Object.freeze({
  URL_INVALID: 400,
  INPUT_INVALID: 400,
  CURSOR_REFUSED: 400,
  UNAUTHORIZED: 401,
  ORIGIN_REFUSED: 403,
  NOT_FOUND: 404,
  AGENT_UNKNOWN: 404,
  RUN_UNKNOWN: 404,
  SESSION_UNKNOWN: 404,
  METHOD_REFUSED: 405,
  BODY_TOO_SLOW: 408,
  RUN_CONFLICT: 409,
  THREAD_BUSY: 409,
  EVENTS_GONE: 410,
  BODY_TOO_LARGE: 413,
  CONTENT_TYPE_REFUSED: 415,
  TOO_MANY_RUNS: 429,
  TOO_MANY_CONNECTIONS: 429,
  INTERNAL: 500,
  LOG_UNAVAILABLE: 503,
  UNAVAILABLE: 503,
});

/** Thrown while a request is handled, to answer it: the message goes to the client and repeats nothing it wrote. */
export class HttpRefusal extends Error {
  readonly code: HttpErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: HttpErrorCode,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.headers = this.status === 429 || this.status === 503 ? RETRY_AFTER : headers;
  }

  override get name(): string {
    return "HttpRefusal";
  }

  get status(): number {
    return STATUS[this.code];
  }

  get body(): object {
    return { error: { code: this.code, message: this.message } };
  }
}

/** The refusal of who was not let in. */
export function notAdmitted([status]: Refusal): HttpRefusal {
  if (status === 401) {
    const challenge = { "www-authenticate": "Bearer" };
    return new HttpRefusal("UNAUTHORIZED", "Expected a good proof of who asks.", challenge);
  }
  if (status === 403) {
    return new HttpRefusal("ORIGIN_REFUSED", "Expected an origin on the server's list.");
  }
  return unavailable();
}

/** The refusal of a server that is full, closing or busy. */
export function unavailable(): HttpRefusal {
  return new HttpRefusal("UNAVAILABLE", "The server takes nobody just now. Ask again later.");
}

/** The refusal when the user's events can't be read or written. */
export function logUnavailable(cause?: unknown): HttpRefusal {
  const message = "The user's events can't be read or written just now. Ask again later.";
  return new HttpRefusal("LOG_UNAVAILABLE", message, {}, { cause });
}
