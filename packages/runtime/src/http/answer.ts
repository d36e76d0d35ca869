import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpRefusal } from "./http-refusal.ts";

/** So long is read on, and thrown away, what a refused client still sends: cut off at once, it might never see why. */
const LINGER_MS = 500;

/** Answers with JSON; does nothing if the request was answered already, or nobody is there any more. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(body);
  const isSending = stillSends(response.req);
  response.writeHead(status, {
    "cache-control": "no-store",
    ...headers,
    ...(isSending ? { connection: "close" } : {}),
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  if (!isSending) return void response.end(text);
  response.write(text);
  linger(response);
}

/** Answers with why a request was not obeyed. */
export function sendRefusal(response: ServerResponse, refusal: HttpRefusal): void {
  sendJson(response, refusal.status, refusal.body, refusal.headers);
}

/** Answers without a body. */
export function sendEmpty(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { "cache-control": "no-store", ...headers }).end();
}

function stillSends(request: IncomingMessage): boolean {
  const { "content-length": length = "0", "transfer-encoding": encoding } = request.headers;
  return !request.complete && (encoding !== undefined || Number(length) > 0);
}

function linger(response: ServerResponse): void {
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, LINGER_MS).unref();
  response.req.once("end", end).once("close", end).resume();
}
