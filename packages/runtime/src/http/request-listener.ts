import type { IncomingMessage, ServerResponse } from "node:http";
import type { OnError } from "../internal/on-error.ts";
import { urlOf } from "./admission.ts";
import { sendJson, sendRefusal } from "./answer.ts";
import { answerPreflight, type Cors, exposeTo } from "./cors.ts";
import { HttpRefusal } from "./http-refusal.ts";
import { type Route, RouteTable } from "./route-table.ts";

/** What the runtime says of itself to who asks: nothing about any user. */
export interface Health {
  readonly status: "ok" | "closing";
  readonly users: number;
  readonly connections: number;
}

/** What a listener needs; resolved by `createRuntime`. */
export interface ListenerOptions {
  readonly routes: readonly Route[];
  readonly cors: Cors;
  readonly onError: OnError;
}

/** Makes the listener for a server's `request` event: every request is answered by its route, or refused in JSON. */
export function createRequestListener({
  routes,
  cors,
  onError,
}: ListenerOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const table = new RouteTable(routes);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = urlOf(request);
    if (url === undefined) throw new HttpRefusal("URL_INVALID", "Expected a URL.");
    const place = table.find(url.pathname);
    if (place === undefined) throw new HttpRefusal("NOT_FOUND", "Nothing is at this path.");
    const isCrossOrigin = place.routes.some((route) => route.isCrossOrigin);
    if (isCrossOrigin) exposeTo(response, cors);
    const methods = place.routes.map(({ method }) => method).join(", ");
    if (isCrossOrigin && request.method === "OPTIONS") {
      return answerPreflight(response, methods, cors);
    }
    const route = place.routes.find(({ method }) => method === request.method);
    if (route === undefined) throw otherMethod(methods);
    await route.handle({ request, response, url, params: place.params });
  };
  return (request, response) => {
    if (isBehindLastAnswer(request)) return;
    answer(request, response).catch((error: unknown) => {
      if (error instanceof HttpRefusal) return sendRefusal(response, error);
      onError(error, { stage: "request" });
      // What has begun can't be answered otherwise any more: it must not look whole.
      if (response.headersSent) response.destroy();
      else sendRefusal(response, new HttpRefusal("INTERNAL", "The server failed."));
    });
  };
}

/** The route `GET /healthz`. */
export function createHealthRoute(health: () => Health): Route {
  const handle: Route["handle"] = ({ response }) => {
    const { status } = health();
    sendJson(response, status === "ok" ? 200 : 503, { status });
  };
  return { method: "GET", path: "/healthz", isCrossOrigin: false, handle };
}

/**
 * After an answer with `connection: close` a server must not process what was sent behind it (RFC 9112,
 * section 9.6). Node hands it on nevertheless, and takes its answer for the first in line although
 * earlier ones wait: one that is written once the client has left breaks an assertion that ends the
 * process (`resOnFinish` in Node 20).
 */
function isBehindLastAnswer({ socket }: IncomingMessage): boolean {
  return socket.writable === false;
}

function otherMethod(methods: string): HttpRefusal {
  return new HttpRefusal("METHOD_REFUSED", `Expected one of ${methods}.`, { allow: methods });
}
