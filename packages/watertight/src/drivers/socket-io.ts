import { createDeferred, type Deferred } from "../internal/deferred.ts";
import type { Received } from "../received.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";
import type { UserSocket } from "../simulate/user-socket.ts";

/** How to connect to a Socket.IO server. */
export interface SocketIoOptions {
  /** Default: `/socket.io/`. */
  readonly path?: string;
  /** Default: `/`. */
  readonly namespace?: string;
  /** What the server sees as `socket.handshake.auth`. */
  readonly auth?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Connects to a Socket.IO server as this user: Socket.IO protocol 5 over Engine.IO protocol 4, by WebSocket
 * from the start. Rejects when the server refuses.
 */
export async function openSocketIo(
  user: SimulatedUser,
  options: SocketIoOptions = {},
): Promise<SocketIoClient> {
  const { path = "/socket.io/", headers = {} } = options;
  const socket = await user.webSocket(`${path}?EIO=4&transport=websocket`, { headers });
  const client = new SocketIoClient(user, socket, options);
  await client.join();
  return client;
}

/** One Socket.IO connection of a user. Acknowledgements count from 0 on each, as the usual client's do. */
export class SocketIoClient {
  readonly socket: UserSocket;
  readonly #user: SimulatedUser;
  readonly #auth: Readonly<Record<string, unknown>> | undefined;
  /** What stands before the payload for any namespace but the main one. */
  readonly #prefix: string;
  readonly #acknowledged = new Map<number, Deferred<readonly unknown[]>>();
  #id = 0;

  constructor(user: SimulatedUser, socket: UserSocket, { namespace = "/", auth }: SocketIoOptions) {
    this.#user = user;
    this.socket = socket;
    this.#auth = auth;
    this.#prefix = namespace === "/" ? "" : `${namespace},`;
    socket.onReceived((received) => this.#receive(received));
  }

  /** @internal Joins the namespace. */
  async join(): Promise<void> {
    await this.socket.find((piece) => textOf(piece).startsWith("0"), this.#user.patience());
    const auth = this.#auth === undefined ? "" : JSON.stringify(this.#auth);
    this.socket.send(`40${this.#prefix}${auth}`);
    const isAnswer = (piece: Received): boolean => /^4[04]/.test(textOf(piece));
    const answer = textOf(await this.socket.find(isAnswer, this.#user.patience()));
    if (answer.startsWith("44"))
      throw new Error(`The server refused the namespace: ${answer.slice(2)}`);
  }

  /** Sends an event. */
  emit(event: string, ...values: readonly unknown[]): void {
    this.socket.send(`42${this.#prefix}${JSON.stringify([event, ...values])}`);
  }

  /** Sends an event and resolves with what the server acknowledges it with; rejects when nothing comes. */
  async emitWithAck(event: string, ...values: readonly unknown[]): Promise<readonly unknown[]> {
    const id = this.#id;
    this.#id += 1;
    const acknowledged = createDeferred<readonly unknown[]>();
    this.#acknowledged.set(id, acknowledged);
    const giveUp = (): void =>
      acknowledged.reject(new Error(`${this.socket.connection}: ${event} was never acknowledged`));
    const patience = this.#user.patience();
    patience.addEventListener("abort", giveUp, { once: true });
    void this.socket.closed.then(giveUp);
    this.socket.send(`42${this.#prefix}${id}${JSON.stringify([event, ...values])}`);
    return acknowledged.promise.finally(() => patience.removeEventListener("abort", giveUp));
  }

  /** Resolves with the values of the first event of that name, past or future. */
  async event(name: string): Promise<readonly unknown[]> {
    const isEvent = (piece: Received): boolean => this.#read(piece, "42")?.[0] === name;
    const received = await this.socket.find(isEvent, this.#user.patience());
    return (this.#read(received, "42") ?? []).slice(1);
  }

  #receive(received: Received): void {
    const text = textOf(received);
    // Engine.IO asks whether somebody is there: that is no step of the user's.
    if (text === "2") this.socket.reply("3");
    const id = new RegExp(`^43${escaped(this.#prefix)}(\\d+)`).exec(text)?.[1];
    if (id !== undefined)
      this.#acknowledged.get(Number(id))?.resolve(this.#read(received, "43") ?? []);
  }

  #read(received: Received, type: string): readonly unknown[] | undefined {
    const text = textOf(received);
    if (!text.startsWith(`${type}${this.#prefix}`)) return undefined;
    try {
      const value: unknown = JSON.parse(text.slice(text.indexOf("[")));
      return Array.isArray(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }
}

function textOf({ bytes }: Received): string {
  return bytes.toString("utf8");
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}
