import { setMaxListeners } from "node:events";
import type { Agent } from "node:http";
import { type CanaryBook, type CanaryShape, shapeCanary } from "../canary.ts";
import type { Random } from "../internal/random.ts";
import type { HttpAnswer, Received } from "../received.ts";
import type { Mishap } from "../mishap.ts";
import { type SentRequest, type UserFetchOptions, UserHttp } from "./user-http.ts";
import { UserSocket } from "./user-socket.ts";
import type { UserStream } from "./user-stream.ts";

/** What a sign-in gives a user: headers that go with every request and socket. Cookies are kept anyway. */
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
  /** What befalls the user's request of this number, from 0. */
  readonly mishapOf: (request: number) => Mishap | undefined;
  /** A keep-alive line that users share. */
  readonly line?: Agent;
  readonly random: Random;
}

/** What a user hands over to be kept. */
export interface RoundArrival {
  readonly user: number;
  readonly connection: string;
  readonly bytes: Buffer;
  readonly answer?: HttpAnswer;
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
  /** For what one step of a scenario finds out and a later one needs; nobody else sees it. */
  readonly memory: Map<string, unknown> = new Map();
  readonly #book: CanaryBook;
  readonly #round: Round;
  readonly #http: UserHttp;
  readonly #canaries = new Map<string, string>();
  readonly #sockets = new Set<UserSocket>();
  readonly #streams = new Set<UserStream>();
  readonly #gone = new AbortController();
  #opened = 0;

  constructor(identity: UserIdentity, book: CanaryBook, round: Round) {
    this.number = identity.number;
    this.name = identity.name;
    this.id = identity.id;
    this.#book = book;
    this.#round = round;
    this.#http = new UserHttp({
      name: this.name,
      baseUrl: round.baseUrl,
      record: (connection, bytes, answer) => this.#record(connection, bytes, answer),
      stir: round.stir,
      pass: round.pass,
      patience: () => this.patience(),
      signal: this.#untilGone(),
      mishapOf: round.mishapOf,
      ...(round.line === undefined ? {} : { line: round.line }),
    });
  }

  /** @internal What the sign-in gave goes with everything from now on. */
  signedIn({ headers = {} }: Credentials): void {
    this.#http.signedIn(headers);
  }

  get signal(): AbortSignal {
    return this.#round.signal;
  }

  /** Aborted when the user is gone, or the round is over; many wait for it at once, and that is no leak. */
  #untilGone(): AbortSignal {
    const signal = AbortSignal.any([this.signal, this.#gone.signal]);
    setMaxListeners(0, signal);
    return signal;
  }

  /** A new signal for a single wait: aborted when the round is over, or when the wait is too long. */
  patience(): AbortSignal {
    const timeout = AbortSignal.timeout(this.#round.timeoutMs);
    return AbortSignal.any([this.signal, this.#gone.signal, timeout]);
  }

  /**
   * A secret of this user for `label`; the same label gives the same canary for the whole round. A
   * `shape` dresses it in what careless code stumbles over; `number` is a whole number of 16 digits.
   */
  canary(label: string, { shape = "token" }: { readonly shape?: CanaryShape } = {}): string {
    const known = this.#canaries.get(label) ?? this.#book.mint(this.number, label, shape);
    this.#canaries.set(label, known);
    return shapeCanary(known, shape);
  }

  /**
   * A secret of this user in 30 bytes that are no UTF-8: what decodes them carelessly makes the same text of
   * those of all users. The same label gives the same bytes for the whole round.
   */
  bytes(label: string): Buffer {
    const key = `bytes ${label}`;
    const known = this.#canaries.get(key) ?? this.#book.mint(this.number, label, "bytes");
    this.#canaries.set(key, known);
    return Buffer.from(known, "hex");
  }

  /** A number from 0 up to 1, the same in a replay with the same seed: for pauses, amounts, choices. */
  random(): number {
    return this.#round.random.next();
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
    const url = new URL(path, this.#round.baseUrl);
    const socket = await UserSocket.open({
      url: url.href.replace(/^http/, "ws"),
      headers: { ...(await this.#http.credentials(url)), ...options.headers },
      connection: `${this.name}/socket-${this.#opened}`,
      record: (connection, bytes, answer) => this.#record(connection, bytes, answer),
      pass: this.#round.pass,
      openTimeoutMs: this.#round.timeoutMs,
      signal: this.#untilGone(),
    });
    this.#sockets.add(socket);
    if (this.#gone.signal.aborted) socket.terminate();
    return socket;
  }

  /**
   * Sends an HTTP request to `path` of the target, signed in as this user and with the user's cookies; no
   * redirect is followed. Head, body and trailers are recorded, the body decoded.
   */
  async fetch(path: string, options: UserFetchOptions = {}): Promise<Response> {
    return this.#http.fetch(path, options);
  }

  /** Opens an event stream (`text/event-stream`) at `path`, signed in as this user; each event is recorded. */
  async eventSource(path: string, options: UserFetchOptions = {}): Promise<UserStream> {
    const stream = await this.#http.stream(path, options);
    this.#streams.add(stream);
    return stream;
  }

  /** What this user has asked for by HTTP so far, without what says who it is. */
  get requests(): readonly SentRequest[] {
    return this.#http.sent;
  }

  /**
   * The control signal: resolves when this user's own canary `label` has arrived on a socket or an event
   * stream; of a response, when it is in the body. Rejects otherwise.
   */
  async expectOwn(where: UserSocket | UserStream | Response, label: string): Promise<void> {
    const token = this.canary(label).toLowerCase();
    const has = (bytes: Buffer): boolean => bytes.toString("latin1").toLowerCase().includes(token);
    if (!(where instanceof Response)) {
      await where.find(({ bytes }) => has(bytes), this.patience());
    } else if (!has(Buffer.from(await where.clone().arrayBuffer()))) {
      throw new Error(
        `${this.name}: expected the own canary "${label}" in the answer, whose status is ${where.status}`,
      );
    }
  }

  /** Says whether any socket or stream of this user is open. */
  get isConnected(): boolean {
    return [...this.#sockets, ...this.#streams].some(({ isOpen }) => isOpen);
  }

  /** Is gone from one moment to the next: cuts every line, and stops reading every answer. */
  vanish(): void {
    this.#gone.abort();
    for (const socket of this.#sockets) socket.terminate();
    this.#http.close();
  }

  /** Leaves the target: closes every socket and stream that is still open. */
  async leave(): Promise<void> {
    await Promise.all([...this.#sockets, ...this.#streams].map((line) => line.close()));
    this.#sockets.clear();
    this.#streams.clear();
    this.#http.close();
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
