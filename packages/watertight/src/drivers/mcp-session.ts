import { isRecord } from "../received.ts";
import type { SimulatedUser } from "../simulate/simulated-user.ts";
import { readStreamEvent, type UserStream } from "../simulate/user-stream.ts";

/** How to talk to an MCP server. */
export interface McpOptions {
  /** Default: `streamable-http`. `sse` is the older transport, of revision 2024-11-05. */
  readonly transport?: "streamable-http" | "sse";
  /** Default: true. Without a handshake, as clients of stateless servers may do. */
  readonly initialize?: boolean;
  /** Default: true. Whether to listen for what the server says on its own. */
  readonly listen?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

type Message = Readonly<Record<string, unknown>>;

const PROTOCOL_VERSION = "2025-06-18";
const SSE_PROTOCOL_VERSION = "2024-11-05";

/**
 * Opens a session at an MCP server, as this user. Ids of requests count from 0 in each session, as clients
 * of the official SDKs do: users' ids collide, and a server must not mind.
 */
export async function openMcp(
  user: SimulatedUser,
  path: string,
  options: McpOptions = {},
): Promise<McpSession> {
  const session = new McpSession(user, path, options);
  await session.begin();
  return session;
}

/** One MCP session of a user, by Streamable HTTP or the older HTTP with SSE. */
export class McpSession {
  readonly #user: SimulatedUser;
  readonly #options: McpOptions;
  #path: string;
  #id = 0;
  #sessionId: string | undefined;
  #protocolVersion: string | undefined;
  #stream: UserStream | undefined;

  constructor(user: SimulatedUser, path: string, options: McpOptions) {
    this.#user = user;
    this.#path = path;
    this.#options = options;
  }

  /** The stream on which the server speaks on its own; `undefined` if it offers none. */
  get stream(): UserStream | undefined {
    return this.#stream;
  }

  get sessionId(): string | undefined {
    return this.#sessionId;
  }

  /** @internal Shakes hands, and begins to listen. */
  async begin(): Promise<void> {
    const { initialize = true, listen = true } = this.#options;
    if (this.#isSse) await this.#openSse();
    if (initialize) await this.#initialize();
    if (listen && !this.#isSse) await this.#listen();
  }

  /** Sends a request and resolves with its result. Rejects with the server's error, or when no answer comes. */
  async request(method: string, params: Message = {}): Promise<unknown> {
    const id = this.#id;
    this.#id += 1;
    const message = { jsonrpc: "2.0", id, method, params };
    const answer = this.#isSse ? await this.#askOverSse(message) : await this.#ask(message);
    if (isRecord(answer["error"])) {
      throw new Error(
        `${method} was answered with an error: ${String(answer["error"]["message"])}`,
      );
    }
    return answer["result"];
  }

  /** Calls a tool; the answer is its result, `content` and all. */
  callTool(name: string, parameters: Message = {}): Promise<unknown> {
    return this.request("tools/call", { name, arguments: parameters });
  }

  /** Sends a notification, to which there is no answer. */
  async notify(method: string, params: Message = {}): Promise<void> {
    await this.#post({ jsonrpc: "2.0", method, params });
  }

  get #isSse(): boolean {
    return this.#options.transport === "sse";
  }

  async #initialize(): Promise<void> {
    const result = await this.request("initialize", {
      protocolVersion: this.#isSse ? SSE_PROTOCOL_VERSION : PROTOCOL_VERSION,
      capabilities: {},
      clientInfo: { name: `watertight ${this.#user.name}`, version: "1" },
    });
    const version = isRecord(result) ? result["protocolVersion"] : undefined;
    if (typeof version === "string") this.#protocolVersion = version;
    await this.notify("notifications/initialized");
  }

  /** A server that has nothing to say on its own refuses with 405, and that is fine. */
  async #listen(): Promise<void> {
    const stream = await this.#user.eventSource(this.#path, { headers: this.#headers });
    if (stream.status === 200) this.#stream = stream;
    else await stream.close();
  }

  async #openSse(): Promise<void> {
    const { headers = {} } = this.#options;
    const stream = await this.#user.eventSource(this.#path, { headers });
    this.#stream = stream;
    const isEndpoint = (piece: Parameters<typeof readStreamEvent>[0]): boolean =>
      readStreamEvent(piece).type === "endpoint";
    const received = await stream.find(isEndpoint, this.#user.patience());
    this.#path = readStreamEvent(received).data;
  }

  async #ask(message: Message): Promise<Message> {
    const response = await this.#post(message);
    this.#sessionId ??= response.headers.get("mcp-session-id") ?? undefined;
    const text = await response.text();
    const isStream = response.headers.get("content-type")?.includes("text/event-stream") ?? false;
    const texts = isStream ? dataIn(text) : [text];
    const found = texts.map(readMessage).find((candidate) => isAnswerTo(candidate, message));
    if (found === undefined) {
      const { status } = response;
      throw new Error(
        `Expected an answer to ${String(message["method"])}, got status ${status} without one`,
      );
    }
    return found;
  }

  async #askOverSse(message: Message): Promise<Message> {
    await this.#post(message);
    const read = (piece: Parameters<typeof readStreamEvent>[0]): Message | undefined =>
      readMessage(readStreamEvent(piece).data);
    const received = await (this.#stream as UserStream).find(
      (piece) => isAnswerTo(read(piece), message),
      this.#user.patience(),
    );
    return read(received) as Message;
  }

  #post(message: Message): Promise<Response> {
    const accept = "application/json, text/event-stream";
    const headers = { accept, ...this.#headers };
    return this.#user.fetch(this.#path, { method: "POST", json: message, headers });
  }

  get #headers(): Record<string, string> {
    return {
      ...(this.#sessionId === undefined ? {} : { "mcp-session-id": this.#sessionId }),
      ...(this.#protocolVersion === undefined || this.#isSse
        ? {}
        : { "mcp-protocol-version": this.#protocolVersion }),
      ...this.#options.headers,
    };
  }
}

function dataIn(stream: string): string[] {
  const pieces = stream.split(/\r\n\r\n|\n\n|\r\r/).map((piece) => Buffer.from(piece));
  return pieces.map((bytes) => readStreamEvent({ bytes }).data);
}

function readMessage(text: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isAnswerTo(candidate: Message | undefined, { id }: Message): candidate is Message {
  return candidate !== undefined && candidate["id"] === id && candidate["method"] === undefined;
}
