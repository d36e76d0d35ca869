import type { ServerResponse } from "node:http";

/** A request that arrived at a sink. */
export interface SinkRequest {
  readonly method: string;
  /** With the query; of a proxy, the whole address. */
  readonly path: string;
  /** By names in small letters; what came several times is joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, decompressed. */
  readonly text: string;
  /** The body as JSON; throws if it is none. */
  readonly json: () => unknown;
}

/** What a sink answers. */
export interface SinkAnswer {
  /** Default: 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly text?: string;
}

/** Makes up an answer: a stand-in for the server that the target talks to. Runs in the suite's process. */
export type SinkAnswerer = (request: SinkRequest) => SinkAnswer | Promise<SinkAnswer>;

/** What most clients read as success. */
const DEFAULT_ANSWER: SinkAnswer = Object.freeze({ json: Object.freeze({}) });

/** Answers requests as the config says, and remembers if it could not. */
export class Answers {
  readonly #answer: SinkAnswer | SinkAnswerer;
  #failures = 0;
  #first = "";

  constructor(answer: SinkAnswer | SinkAnswerer = DEFAULT_ANSWER) {
    this.#answer = answer;
  }

  /** Says how often the config's function threw, and what first; `undefined` if it never did. */
  get failure(): string | undefined {
    return this.#failures === 0 ? undefined : `${this.#failures} times, first: ${this.#first}`;
  }

  /** Sends the answer; one that the config's function can't give has status 500. */
  async send(request: SinkRequest, response: ServerResponse): Promise<void> {
    try {
      const answer = this.#answer;
      write(response, typeof answer === "function" ? await answer(request) : answer);
    } catch (error) {
      this.#failures += 1;
      this.#first ||= error instanceof Error ? error.message : String(error);
      refuse(response, 500, "The function `answer` of this sink threw.");
    }
  }
}

/** Answers with a sentence. */
export function refuse(response: ServerResponse, status: number, sentence: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${sentence}\n`);
}

function write(response: ServerResponse, { status = 200, headers, json, text }: SinkAnswer): void {
  const body = json === undefined ? text : JSON.stringify(json);
  const type = json === undefined ? "text/plain; charset=utf-8" : "application/json";
  response.writeHead(status, {
    ...(body === undefined ? {} : { "content-type": type }),
    ...headers,
  });
  response.end(body);
}
