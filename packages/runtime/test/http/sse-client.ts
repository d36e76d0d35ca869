import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import type { Frame } from "./test-client.ts";
import type { TestServer } from "./test-server.ts";
import { signToken } from "./test-token.ts";

/** A block of server-sent events, as it came. */
export interface Block {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  readonly comment?: string;
}

/** How a user asks. */
export interface Asking {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer to a request, read as it comes. */
export class SseClient implements AsyncDisposable {
  readonly response: IncomingMessage;
  readonly ended: Promise<"whole" | "cut">;
  text = "";
  readonly #waiting = new Set<() => void>();

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding("utf8").on("data", (chunk: string) => {
      this.text += chunk;
      for (const look of this.#waiting) look();
    });
    response.on("error", () => {});
    this.ended = new Promise((resolve) => {
      response.once("close", () => resolve(response.complete ? "whole" : "cut"));
    });
  }

  get status(): number | undefined {
    return this.response.statusCode;
  }

  get blocks(): readonly Block[] {
    return this.text
      .split("\n\n")
      .slice(0, -1)
      .map((block) =>
        Object.fromEntries(
          block.split("\n").map((line) => {
            const [name = "", ...rest] = line.split(": ");
            return [name === "" ? "comment" : name, rest.join(": ")];
          }),
        ),
      );
  }

  /** The events: blocks with data and without a name. */
  get events(): readonly Frame[] {
    const blocks = this.blocks.filter(({ event, data }) => event === undefined && data);
    return blocks.map(({ data = "" }) => JSON.parse(data) as Frame);
  }

  get types(): readonly string[] {
    return this.events.map(({ type }) => type);
  }

  named(name: string): Record<string, unknown> | undefined {
    const data = this.blocks.find(({ event }) => event === name)?.data;
    return data === undefined ? undefined : (JSON.parse(data) as Record<string, unknown>);
  }

  /** Resolves once `holds`; rejects if the answer ends before. */
  until(holds: (client: this) => boolean): Promise<this> {
    return new Promise((resolve, reject) => {
      const look = (): boolean => {
        if (!holds(this)) return false;
        this.#waiting.delete(look);
        resolve(this);
        return true;
      };
      if (look()) return;
      this.#waiting.add(look);
      void this.ended.then((how) => look() || reject(new Error(`ended ${how}: ${this.text}`)));
    });
  }

  ofType(type: string): Promise<this> {
    return this.until(({ types }) => types.includes(type));
  }

  /** The whole answer as JSON. */
  async json(): Promise<unknown> {
    await this.ended;
    return JSON.parse(this.text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.response.destroy();
    await this.ended;
  }
}

/** Asks as that user, on a socket of its own; resolves with the head of the answer. */
export async function ask(
  server: TestServer,
  userId: string | undefined,
  path: string,
  { method, body, headers = {} }: Asking = {},
): Promise<SseClient> {
  const token = userId === undefined ? undefined : await signToken(userId);
  const proof = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const asking = request({
    host: "127.0.0.1",
    port: server.port,
    path,
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: { ...proof, ...type, ...headers },
    agent: false,
  });
  const text = Buffer.isBuffer(body) || typeof body === "string" ? body : JSON.stringify(body);
  asking.end(text);
  const [response] = (await once(asking, "response")) as [IncomingMessage];
  return new SseClient(response);
}

/** What a client of 1.0 starts a run with. */
export function inputOf(runId: string, more: object = {}): object {
  const threadId = "thread-1";
  const protocolVersion = "1.0";
  return { threadId, runId, protocolVersion, messages: [], tools: [], context: [], ...more };
}

/** Starts a run of that agent, or takes it up. */
export function post(
  server: TestServer,
  userId: string,
  agent: string,
  input: object,
): Promise<SseClient> {
  return ask(server, userId, `/agui/${agent}`, { body: input });
}
