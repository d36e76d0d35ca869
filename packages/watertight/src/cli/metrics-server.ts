import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { usage } from "./usage.ts";

/** What is served while a soak goes on. */
export interface MetricsServer extends AsyncDisposable {
  /** Where the metrics are. */
  readonly url: string;
}

const HOST = "127.0.0.1";
/** The version of Prometheus' text format is part of its type. */
const PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
const PLAIN = "text/plain; charset=utf-8";

/**
 * Serves `GET /metrics` and `GET /healthz` on 127.0.0.1 alone: `render` is asked each time. Port 0 is
 * one that is free. Throws WT_USAGE if the port can't be had.
 */
export async function serveMetrics(port: number, render: () => string): Promise<MetricsServer> {
  const server = createServer((request, response) => answer(request, response, render));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(usage(`--metrics-port to be free, got ${port}: ${cause.message}; name another`));
    });
    server.listen(port, HOST, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${actual}/metrics`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(
  { method, url = "/" }: IncomingMessage,
  response: ServerResponse,
  render: () => string,
): void {
  const [path] = url.split("?");
  const text = textFor(path, render);
  if (text === undefined) return send(response, 404, PLAIN, "There are /metrics and /healthz\n");
  if (method !== "GET" && method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    return send(response, 405, PLAIN, "It can only be read\n");
  }
  send(response, 200, path === "/metrics" ? PROMETHEUS : PLAIN, text);
}

function textFor(path: string | undefined, render: () => string): string | undefined {
  if (path === "/metrics") return render();
  return path === "/healthz" ? "ok\n" : undefined;
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(text);
}
