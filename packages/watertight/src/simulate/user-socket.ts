import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { createDeferred } from "../internal/deferred.ts";
import { describeRequest, type HttpAnswer, type Received } from "../received.ts";
import { findReceived } from "./find-received.ts";

/** How a user's socket reports and paces; given by the user who opens it. */
export interface UserSocketOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connection: string;
  readonly record: (connection: string, bytes: Buffer, answer?: HttpAnswer) => Received;
  /** Awaited before each send: the pattern's turn. */
  readonly pass: () => Promise<void>;
  readonly openTimeoutMs: number;
  /** When aborted, a socket that is not open yet never will be. */
  readonly signal: AbortSignal;
}

/** How a socket ended. */
export interface SocketClose {
  readonly code: number;
  readonly reason: string;
}

/** A server that refuses a handshake may take this long to say why. */
const REFUSAL_TIMEOUT_MS = 2000;

type Listener = (received: Received) => void;

/** One real WebSocket of a simulated user; records every byte that arrives on it. */
export class UserSocket {
  readonly connection: string;
  readonly closed: Promise<SocketClose>;
  readonly #socket: WebSocket;
  readonly #pass: () => Promise<void>;
  readonly #received: Received[] = [];
  readonly #listeners = new Set<Listener>();
  #sent: Promise<void> = Promise.resolve();
  #close: SocketClose | undefined;
  #refusal: string | undefined;

  private constructor(options: UserSocketOptions) {
    const closed = createDeferred<SocketClose>();
    this.connection = options.connection;
    this.closed = closed.promise;
    this.#pass = options.pass;
    this.#socket = new WebSocket(options.url, {
      headers: options.headers,
      perMessageDeflate: false,
      handshakeTimeout: options.openTimeoutMs,
    });
    this.#socket.on("upgrade", (response) => recordHandshake(options, response, []));
    this.#socket.on("unexpected-response", (_request, response) => {
      this.#refusal = `Unexpected server response: ${response.statusCode}`;
      void readRefusal(options, response).then(() => this.#socket.terminate());
    });
    this.#socket.on("message", (data: Buffer) => this.#receive(options, data));
    // A socket error always ends in `close`, which is what everybody waits for.
    this.#socket.on("error", () => {});
    this.#socket.on("close", (code, reason) => {
      // The reason is no frame, but somebody may have written a secret there.
      if (reason.length > 0) options.record(options.connection, reason);
      this.#close = { code, reason: reason.toString("utf8") };
      closed.resolve(this.#close);
    });
  }

  /** Opens a socket. Rejects with the status or error when the server refuses the handshake. */
  static open(options: UserSocketOptions): Promise<UserSocket> {
    const socket = new UserSocket(options);
    const giveUp = (): void => socket.#socket.terminate();
    const opened = new Promise<UserSocket>((resolve, reject) => {
      socket.#socket.once("open", () => resolve(socket));
      socket.#socket.once("error", (cause) => {
        const found = options.signal.aborted
          ? "no answer until the round was given up"
          : (socket.#refusal ?? cause.message);
        reject(new Error(`Expected a WebSocket at ${options.url}, got: ${found}`, { cause }));
      });
    });
    options.signal.addEventListener("abort", giveUp, { once: true });
    if (options.signal.aborted) giveUp();
    return opened.finally(() => options.signal.removeEventListener("abort", giveUp));
  }

  /** All that has arrived so far, in order. */
  get received(): readonly Received[] {
    return this.#received;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Sends text or bytes as they are, anything else as JSON, when the pattern gives the turn. */
  send(data: string | Buffer | object): void {
    const frame = typeof data === "string" || Buffer.isBuffer(data) ? data : JSON.stringify(data);
    this.#sent = this.#sent.then(async () => {
      await this.#pass();
      if (this.isOpen) this.#socket.send(frame);
    });
  }

  /** Sends at once, outside the pattern's turns: what a protocol answers by itself. */
  reply(data: string | Buffer): void {
    if (this.isOpen) this.#socket.send(data);
  }

  /** Resolves when everything that was to be sent so far has had its turn. */
  get sent(): Promise<void> {
    return this.#sent;
  }

  /** Calls `listener` for everything that arrives from now on; the answer unregisters it. */
  onReceived(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves with the first piece, past or future, that `matches`; rejects when the socket ends or `signal` is aborted. */
  async find(matches: (received: Received) => boolean, signal: AbortSignal): Promise<Received> {
    const explain = (): string =>
      `${this.connection}: the expected frame never came${this.#ending()}`;
    return findReceived(this, matches, { signal, ended: this.closed, explain });
  }

  /** Closes the way a well-behaved client does; resolves when the server has answered, or after two seconds. */
  async close(): Promise<void> {
    this.#socket.close(1000);
    const impatient = setTimeout(() => this.#socket.terminate(), 2000);
    await this.closed;
    clearTimeout(impatient);
  }

  /** Cuts the line without a word, like a train that enters a tunnel. */
  terminate(): void {
    this.#socket.terminate();
  }

  /** Stops reading, so that the server's writes pile up; `resume` reads on. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #receive(options: UserSocketOptions, data: Buffer): void {
    const received = options.record(options.connection, data);
    this.#received.push(received);
    // Those who register now wait for the next frame, not for this one.
    for (const listener of Array.from(this.#listeners)) listener(received);
  }

  #ending(): string {
    if (this.#close === undefined) return "";
    const { code, reason } = this.#close;
    return `; the socket was closed with code ${code}${reason === "" ? "" : ` (${reason})`}`;
  }
}

/** Reads what a server says instead of a WebSocket, as far as it comes. */
async function readRefusal(options: UserSocketOptions, response: IncomingMessage): Promise<void> {
  const chunks: Buffer[] = [];
  response.setTimeout(REFUSAL_TIMEOUT_MS, () => response.destroy());
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch {
    // Cut off: what came is recorded all the same.
  }
  recordHandshake(options, response, chunks);
}

/** What any handshake has, and nobody's data is in. */
const PLAIN_HEADERS = /^(upgrade|connection|sec-websocket-(accept|protocol|version)|date)$/i;

/** The answer to a handshake is no frame, but its head and body can carry a secret like any other. */
function recordHandshake(
  { url, connection, record }: UserSocketOptions,
  response: IncomingMessage,
  body: readonly Buffer[],
): void {
  const { statusCode: status = 0, statusMessage = "", rawHeaders } = response;
  const lines = rawHeaders.flatMap((name, place) =>
    place % 2 === 0 && !PLAIN_HEADERS.test(name) ? [`${name}: ${rawHeaders[place + 1]}\n`] : [],
  );
  if (status === 101 && lines.length === 0) return;
  const head = Buffer.from(`${status} ${statusMessage}\n${lines.join("")}\n`);
  const answer = { request: describeRequest("GET", new URL(url)), status };
  record(`${connection}/handshake`, Buffer.concat([head, ...body]), answer);
}
