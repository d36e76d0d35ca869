import type { CanaryBook } from "../canary.ts";
import { describeRequest, type HttpAnswer, type Received } from "../received.ts";
import { UserSocket } from "./user-socket.ts";

/** What a sign-in gives a user: headers that go with every request and socket. */
export interface Credentials {
  readonly headers?: Readonly<Record<string, string>>;
}

/** The part of the world that a user lives in for one round. */
export interface Round {
  /** Part of every name of this round. */
  readonly name: string;
  readonly equalNames: boolean;
  readonly baseUrl: string;
  /** Aborted when the round is over; whoever still waits gives up. */
  readonly signal: AbortSignal;
  readonly record: (arrival: RoundArrival) => Received;
  /** Bytes of an answer that is not whole yet have arrived. */
  readonly stir: () => void;
  readonly pass: () => Promise<void>;
  readonly timeoutMs: number;
}

/** What a user hands over to be kept. */
export interface RoundArrival {
  readonly user: number;
  readonly connection: string;
  readonly bytes: Buffer;
  readonly answer?: HttpAnswer;
}

/** `user.fetch` options: those of `fetch`, and `json` for a JSON body. */
export interface UserFetchOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly json?: unknown;
}

/**
 * One user of the target, real from the socket up. Everything it says carries canaries of its own,
 * everything it receives is recorded. Written as if there were no other user.
 */
export class SimulatedUser {
  readonly number: number;
  /** For people: `user-07`. */
  readonly name: string;
  /** For the target: the name with a canary in it, so that the identity itself can be traced. */
  readonly id: string;
  readonly #book: CanaryBook;
  readonly #round: Round;
  readonly #credentials: Credentials;
  readonly #canaries = new Map<string, string>();
  readonly #sockets = new Set<UserSocket>();
  readonly #gone = new AbortController();
  #opened = 0;
  #requests = 0;

  constructor(identity: UserIdentity, credentials: Credentials, book: CanaryBook, round: Round) {
    this.number = identity.number;
    this.name = identity.name;
    this.id = identity.id;
    this.#credentials = credentials;
    this.#book = book;
    this.#round = round;
  }

  get signal(): AbortSignal {
    return this.#round.signal;
  }

  /** A new signal for a single wait: aborted when the round is over, or when the wait is too long. */
  patience(): AbortSignal {
    const timeout = AbortSignal.timeout(this.#round.timeoutMs);
    return AbortSignal.any([this.signal, this.#gone.signal, timeout]);
  }

  /** A secret of this user for `label`; the same label gives the same canary for the whole round. */
  canary(label: string): string {
    const known = this.#canaries.get(label);
    if (known !== undefined) return known;
    const token = this.#book.mint(this.number, label);
    this.#canaries.set(label, token);
    return token;
  }

  /** A name for a thread, run or file: with a canary in it, or, in a round of equal names, the same for all users. */
  nameFor(label: string): string {
    const shared = `${label}-${this.#round.name}`;
    return this.#round.equalNames ? shared : `${shared}-${this.canary(label)}`;
  }

  /** Opens a WebSocket to `path` of the target, signed in as this user. */
  async webSocket(
    path: string,
    options: { readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<UserSocket> {
    await this.#round.pass();
    this.#opened += 1;
    const socket = await UserSocket.open({
      url: new URL(path, this.#round.baseUrl).href.replace(/^http/, "ws"),
      headers: { ...this.#credentials.headers, ...options.headers },
      connection: `${this.name}/socket-${this.#opened}`,
      record: (connection, bytes, answer) => this.#record(connection, bytes, answer),
      pass: this.#round.pass,
      openTimeoutMs: this.#round.timeoutMs,
      signal: AbortSignal.any([this.signal, this.#gone.signal]),
    });
    this.#sockets.add(socket);
    if (this.#gone.signal.aborted) socket.terminate();
    return socket;
  }

  /** Sends an HTTP request to `path` of the target, signed in as this user; head and body are recorded. */
  async fetch(path: string, options: UserFetchOptions = {}): Promise<Response> {
    await this.#round.pass();
    const body = options.json === undefined ? options.body : JSON.stringify(options.json);
    const json = options.json === undefined ? {} : { "content-type": "application/json" };
    const url = new URL(path, this.#round.baseUrl);
    const method = options.method ?? "GET";
    const response = await fetch(url, {
      method,
      headers: { ...json, ...this.#credentials.headers, ...options.headers },
      ...(body === undefined ? {} : { body }),
      redirect: "manual",
      signal: this.patience(),
    });
    const bytes = await this.#readAnswer(response, describeRequest(method, url));
    const hasBody = ![101, 204, 205, 304].includes(response.status);
    return new Response(hasBody ? bytes : null, response);
  }

  /** The control signal: resolves when this user's own canary `label` has arrived on `socket`. */
  async expectOwn(socket: UserSocket, label: string): Promise<Received> {
    const token = this.canary(label).toLowerCase();
    return socket.find(
      ({ bytes }) => bytes.toString("latin1").toLowerCase().includes(token),
      this.patience(),
    );
  }

  /** Says whether any socket of this user is open. */
  get isConnected(): boolean {
    return [...this.#sockets].some(({ isOpen }) => isOpen);
  }

  /** Is gone from one moment to the next: cuts every line, and stops reading every answer. */
  vanish(): void {
    this.#gone.abort();
    for (const socket of this.#sockets) socket.terminate();
  }

  /** Leaves the target: closes every socket that is still open. */
  async leave(): Promise<void> {
    await Promise.all([...this.#sockets].map((socket) => socket.close()));
    this.#sockets.clear();
  }

  /** Reads and records an answer; one that is cut off, or never ends, is recorded as far as it came. */
  async #readAnswer(response: Response, request: string): Promise<Buffer<ArrayBuffer>> {
    this.#requests += 1;
    const { status, statusText, headers } = response;
    const connection = `${this.name}/request-${this.#requests}`;
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of response.body ?? []) {
        chunks.push(chunk as Uint8Array);
        this.#round.stir();
      }
      return Buffer.concat(chunks);
    } finally {
      const lines = [...headers].map(([name, value]) => `${name}: ${value}\n`).join("");
      const head = Buffer.from(`${status} ${statusText}\n${lines}\n`);
      this.#record(connection, Buffer.concat([head, ...chunks]), { request, status });
    }
  }

  #record(connection: string, bytes: Buffer, answer?: HttpAnswer): Received {
    const arrival = { user: this.number, connection, bytes };
    return this.#round.record(answer === undefined ? arrival : { ...arrival, answer });
  }
}

/** Who a user is, for the whole run of the suite. */
export interface UserIdentity {
  readonly number: number;
  readonly name: string;
  readonly id: string;
}

/** Names users `user-00`, `user-01`, …, all equally long, and mints an id with a canary for each. */
export function createIdentities(count: number, book: CanaryBook): readonly UserIdentity[] {
  return nameAll("user", { first: 0, count }, book);
}

/** The same for users who come once and leave; they are numbered from `first` on. */
export function createVisitors(
  numbers: { readonly first: number; readonly count: number },
  book: CanaryBook,
): readonly UserIdentity[] {
  return nameAll("visitor", numbers, book);
}

function nameAll(
  word: string,
  { first, count }: { readonly first: number; readonly count: number },
  book: CanaryBook,
): readonly UserIdentity[] {
  const digits = Math.max(2, String(count - 1).length);
  return Array.from({ length: count }, (_, place) => {
    const name = `${word}-${String(place).padStart(digits, "0")}`;
    const number = first + place;
    return Object.freeze({ number, name, id: `${name}-${book.mint(number, "user id")}` });
  });
}
