import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

type Fields = Readonly<Record<string, unknown>>;

/** One connection to a scripted server, which says on it what the test wants, right or wrong. */
export class ScriptedLine {
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly frames: Fields[] = [];
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  readonly #log: string;

  constructor(socket: WebSocket, request: IncomingMessage, log: string) {
    this.query = new URL(request.url ?? "", "http://localhost").searchParams;
    this.headers = request.headers;
    this.#socket = socket;
    this.#log = log;
    this.closed = once(socket, "close").then(([code]) => code as number);
    socket.on("message", (data: Buffer) => this.frames.push(JSON.parse(data.toString()) as Fields));
  }

  /** Text goes as it is. */
  send(frame: object | string): void {
    this.#socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  binary(bytes: Buffer): void {
    this.#socket.send(bytes);
  }

  ready(changes: Fields = {}): void {
    const after = this.query.get("after");
    this.send({
      type: "ready",
      protocolVersion: "1.0",
      connectionId: "connection",
      sessionId: this.query.get("session") ?? "session-1",
      position: after === null || after === "oldest" ? this.position(0) : after,
      resume: { status: after === null ? "live" : "resumed" },
      heartbeatMs: 30_000,
      limits: { maxFrameBytes: 100_000, maxMessagesPerSecond: 100 },
      ...changes,
    });
  }

  /** An event of `run`; the number in the log is ten times the one in the run, if nothing else is said. */
  event(seq: number, changes: Fields = {}, place: Fields = {}): void {
    const metadata = {
      threadId: "thread",
      runId: "run",
      seq,
      position: this.position(seq * 10),
      ...place,
    };
    this.send({ type: "CUSTOM", name: "said", value: seq, ...changes, metadata });
  }

  start(place: Fields = {}): void {
    this.event(1, { type: "RUN_STARTED", threadId: "thread", runId: "run", ...place }, place);
  }

  finish(seq: number, outcome: Fields = { type: "success" }, place: Fields = {}): void {
    const ids = { threadId: "thread", runId: "run", ...place };
    this.event(seq, { type: "RUN_FINISHED", outcome, ...ids }, place);
  }

  position(number: number): string {
    return `${this.#log}.${number}.tag`;
  }

  close(code: number): void {
    this.#socket.close(code);
  }

  cut(): void {
    this.#socket.terminate();
  }

  /** Reads nothing more, and so answers nothing. */
  hang(): void {
    this.#socket.pause();
  }

  ofType(type: string): readonly Fields[] {
    return this.frames.filter((frame) => frame["type"] === type);
  }
}

/** A server that says what the test wants: what a broken or hostile one might. */
export class ScriptedServer implements AsyncDisposable {
  readonly lines: ScriptedLine[] = [];
  readonly url: string;
  readonly #server: WebSocketServer;
  readonly #waiting: ((line: ScriptedLine) => void)[] = [];
  #taken = 0;

  constructor(server: WebSocketServer, log: string) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`;
    server.on("connection", (socket, request) => {
      const line = new ScriptedLine(socket, request, log);
      this.lines.push(line);
      this.#waiting.shift()?.(line);
    });
  }

  /** The next connection, among those that were made and those to come. */
  next(): Promise<ScriptedLine> {
    const line = this.lines[this.#taken];
    this.#taken += 1;
    if (line !== undefined) return Promise.resolve(line);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export async function startScriptedServer(log = "log"): Promise<ScriptedServer> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  return new ScriptedServer(server, log);
}
