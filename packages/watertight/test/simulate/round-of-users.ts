import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { CanaryBook } from "../../src/canary.ts";
import { WebSocketEventCapture } from "../../src/capture/web-socket-event-capture.ts";
import { createRandom } from "../../src/internal/random.ts";
import { lockstep, type Pattern } from "../../src/patterns/pattern.ts";
import {
  ConcurrentUserSimulator,
  type Outcome,
  type SimulatorOptions,
} from "../../src/simulate/concurrent-user-simulator.ts";
import { SharedLines } from "../../src/simulate/shared-lines.ts";
import {
  createIdentities,
  type SimulatedUser,
  type UserIdentity,
} from "../../src/simulate/simulated-user.ts";

const servers = new Set<Server>();
afterEach(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  servers.clear();
});

export interface ServerOptions {
  readonly onRequest?: (...asked: Parameters<RequestListener>) => unknown;
  readonly onSocket?: (socket: WebSocket, url: string) => void;
}

/** Serves HTTP, and WebSockets that echo unless told otherwise; closed after the test. */
export async function serve(options: ServerOptions = {}): Promise<string> {
  const { onRequest = (_request, response) => response.end(), onSocket = echo } = options;
  const server = createServer((request, response) => void onRequest(request, response));
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on("connection", (socket, request) => onSocket(socket, request.url ?? ""));
  servers.add(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return baseUrlOf(server);
}

/** A server that takes connections and never says a word. */
export function serveSilence(): Promise<string> {
  return serveUpgrade(() => {});
}

/** A server that answers no request, and a handshake as it is told. */
export async function serveUpgrade(answer: (socket: Duplex) => void): Promise<string> {
  const server = createServer(() => {});
  server.on("upgrade", (_request, socket) => answer(socket));
  servers.add(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return baseUrlOf(server);
}

export interface PlayOptions extends Partial<Omit<SimulatorOptions, "baseUrl">> {
  readonly users?: number;
  readonly pattern?: Pattern;
  readonly seed?: number;
  readonly mishapOf?: Pattern["mishapOf"];
  readonly sharesLines?: boolean;
}

export interface Played {
  readonly outcomes: readonly Outcome[];
  readonly capture: WebSocketEventCapture;
  readonly book: CanaryBook;
  readonly ms: number;
}

/** Plays one round of a task against a server, and lets everybody leave. */
export async function play(
  baseUrl: string,
  task: (user: SimulatedUser) => Promise<void>,
  options: PlayOptions = {},
): Promise<Played> {
  const { users = 2, pattern = lockstep, seed = 1, mishapOf, sharesLines, ...others } = options;
  const book = new CanaryBook();
  const simulator = new ConcurrentUserSimulator({
    baseUrl,
    book,
    signIn: () => ({}),
    timeoutMs: 10_000,
    stallMs: 5000,
    ...others,
  });
  const capture = new WebSocketEventCapture();
  const random = createRandom(seed);
  const lines = new SharedLines(baseUrl);
  const plan = {
    name: "r1",
    equalNames: pattern.equalNames,
    identities: createIdentities(users, book),
    schedule: (tasks: Parameters<Pattern["schedule"]>[0]) => pattern.schedule(tasks, random),
    recorder: capture,
    ...(mishapOf === undefined
      ? {}
      : { mishapOf: ({ number }: UserIdentity, request: number) => mishapOf(number, request) }),
    ...(sharesLines === true ? { lineOf: (user: UserIdentity) => lines.of(user) } : {}),
  };
  const startedAt = performance.now();
  const outcomes = await simulator.play(plan, task);
  const ms = performance.now() - startedAt;
  await Promise.all(outcomes.map(({ user }) => user.leave()));
  lines.close();
  return { outcomes, capture, book, ms };
}

/** How each user's part ended: a message, or `ok`. */
export function endings({ outcomes }: Played): string[] {
  return outcomes.map(({ error }) => (error instanceof Error ? error.message : "ok"));
}

function echo(socket: WebSocket): void {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
}

function baseUrlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
