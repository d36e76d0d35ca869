import type { ServerResponse } from "node:http";
import { sendEmpty } from "./answer.ts";
import { notAdmitted } from "./http-refusal.ts";

/** Says whether pages of an origin may ask; who sends none is no browser. */
export type AllowsOrigin = (origin: string | undefined) => boolean;

/** Whose pages may ask, and whether they may do so with cookies. */
export interface Cors {
  readonly allowsOrigin: AllowsOrigin;
  readonly allowsCredentials: boolean;
}

const ALLOWED = Object.freeze({
  "access-control-allow-headers": "authorization, content-type, last-event-id",
  "access-control-max-age": "600",
});

/** Lets a page of an allowed origin read the answer, whatever it will be; says nothing to others. */
export function exposeTo(response: ServerResponse, cors: Cors): void {
  const { origin } = response.req.headers;
  response.appendHeader("vary", "Origin");
  if (origin === undefined || !cors.allowsOrigin(origin)) return;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-expose-headers", "retry-after");
  if (cors.allowsCredentials) response.setHeader("access-control-allow-credentials", "true");
}

/** Answers a browser that asks what its page may do. Throws ORIGIN_REFUSED. */
export function answerPreflight(
  response: ServerResponse,
  methods: string,
  { allowsOrigin }: Cors,
): void {
  if (!allowsOrigin(response.req.headers.origin)) throw notAdmitted([403, "Forbidden"]);
  const headers = { ...ALLOWED, "access-control-allow-methods": methods, allow: methods };
  sendEmpty(response, 204, headers);
}
