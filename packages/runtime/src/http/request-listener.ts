import type { IncomingMessage, ServerResponse } from "node:http";

/** What the runtime says of itself to who asks: nothing about any user. */
export interface Health {
  readonly status: "ok" | "closing";
  readonly users: number;
  readonly connections: number;
}

/** Makes the listener for a server's `request` event: `GET /healthz`, and 404 for the rest. */
export function createRequestListener(
  health: () => Health,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    if (request.method !== "GET" || request.url !== "/healthz") {
      return sendJson(response, 404, { error: "not found" });
    }
    const { status } = health();
    sendJson(response, status === "ok" ? 200 : 503, { status });
  };
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
