import {
  createServer,
  type IncomingMessage,
  request as send,
  type ServerResponse,
} from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { Answers, refuse } from "./answer.ts";
import { closeServer, failuresOf, type HttpSinkOptions, LINES } from "./http-sink.ts";
import { HOST, listen } from "./listen.ts";
import { recordRequest } from "./record-request.ts";
import type { Sink } from "./sink.ts";

export interface ProxySinkOptions extends HttpSinkOptions {
  /** Whether what is asked for is fetched from where it is; else the sink answers itself. */
  readonly forward: boolean;
}

/** Headers of one line, which a proxy keeps to itself (RFC 9110, section 7.6.1). */
const HOP_BY_HOP: readonly string[] = Object.freeze([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Starts an HTTP proxy that records requests for `http:` addresses. Tunnels (CONNECT) can't be read: with
 * `forward` they are let through and counted, else refused and counted.
 */
export async function startProxySink(options: ProxySinkOptions): Promise<Sink> {
  const { name, log, answer, forward } = options;
  const answers = new Answers(answer);
  const lines = new Set<Duplex>();
  let tunnels = 0;
  const server = createServer(LINES, (request, response) => {
    const recorded = recordRequest(request, log);
    const done = forward
      ? forwardRequest(request, response, recorded)
      : recorded.then((one) => answers.send(one, response));
    done.catch((error: unknown) => refuse(response, 502, String(error)));
  });
  server.on("connect", (request: IncomingMessage, line: Duplex, head: Buffer) => {
    tunnels += 1;
    const address = `tcp://${request.url}`;
    if (forward && URL.canParse(address)) tunnel(new URL(address), { line, head, lines });
    else refuseTunnel(line);
  });
  const port = await listen(server);
  return {
    name,
    url: `http://${HOST}:${port}`,
    host: HOST,
    port,
    take: () => log.take(),
    get gaps() {
      return [...log.gaps, ...failuresOf(name, answers), ...unread(name, tunnels, forward)];
    },
    async [Symbol.asyncDispose]() {
      for (const line of lines) line.destroy();
      await closeServer(server);
    },
  };
}

function unread(name: string, tunnels: number, forward: boolean): readonly string[] {
  if (tunnels === 0) return [];
  const fate = forward
    ? "let through unread"
    : "refused; `forward: true` lets them through, unread";
  return [`What goes through tunnels: ${tunnels} (CONNECT) to the sink ${name} were ${fate}.`];
}

/** Sends the request on while it is recorded; the answer waits until it has been. */
async function forwardRequest(
  request: IncomingMessage,
  response: ServerResponse,
  recorded: Promise<unknown>,
): Promise<void> {
  const { method, url = "", headers } = request;
  if (!url.startsWith("http://") || !URL.canParse(url)) {
    await recorded;
    refuse(response, 400, `Expected an absolute http: address, got ${url}: this is a proxy.`);
    return;
  }
  const own = Object.entries(headers).filter(([key]) => !HOP_BY_HOP.includes(key));
  const upstream = send(url, { method, headers: Object.fromEntries(own) });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    upstream.once("response", resolve);
    upstream.once("error", reject);
  });
  request.pipe(upstream);
  const [answer] = await Promise.all([answered, recorded]);
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.pipe(response);
  response.once("close", () => answer.destroy());
}

interface Tunnel {
  readonly line: Duplex;
  readonly head: Buffer;
  readonly lines: Set<Duplex>;
}

function tunnel({ hostname: host, port }: URL, { line, head, lines }: Tunnel): void {
  const upstream = connect({ host: host.replace(/^\[|\]$/g, ""), port: Number(port) }, () => {
    line.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    upstream.write(head);
    line.pipe(upstream).pipe(line);
  });
  for (const [one, other] of [[line, upstream] as const, [upstream, line] as const]) {
    lines.add(one);
    one.on("error", () => other.destroy());
    one.once("close", () => {
      lines.delete(one);
      other.destroy();
    });
  }
}

function refuseTunnel(line: Duplex): void {
  const sentence = "This proxy records what it is asked for, and a tunnel can't be read.\n";
  line.on("error", () => {});
  line.end(
    `HTTP/1.1 501 Not Implemented\r\ncontent-type: text/plain\r\ncontent-length: ${sentence.length}\r\nconnection: close\r\n\r\n${sentence}`,
  );
}
