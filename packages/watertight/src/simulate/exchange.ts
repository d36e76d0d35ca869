import {
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  request as requestHttp,
} from "node:http";
import { request as requestHttps } from "node:https";
import { wait } from "../internal/wait.ts";
import { HungUp, type Mishap } from "../mishap.ts";

/** A request as it goes on the wire. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  readonly agent: Agent;
  readonly signal: AbortSignal;
  readonly mishap: Mishap | undefined;
}

/** An answer whose head has arrived. */
export interface OpenAnswer {
  readonly status: number;
  readonly statusText: string;
  /** In order, as the server wrote them. */
  readonly headers: readonly HeaderLine[];
  /** The body as it comes, before any coding is undone. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Known when the body has ended. */
  readonly trailers: () => readonly HeaderLine[];
  /** Cuts the line; what has not arrived by now never will. */
  readonly hangUp: () => void;
}

export type HeaderLine = readonly [name: string, value: string];

const PAUSE_MS = 40;
/** So long the server has to get into its work before the line is cut. */
const BEFORE_HANGING_UP_MS = 30;

/**
 * Sends a request and resolves with the head of its answer; no redirect is followed. Rejects when there is
 * no answer or `signal` is aborted, and with HungUp when the mishap wants it so.
 */
export async function exchange(outgoing: OutgoingRequest): Promise<OpenAnswer> {
  const { url, method, headers, agent, signal, body, mishap } = outgoing;
  const send = url.protocol === "https:" ? requestHttps : requestHttp;
  const length = body === undefined ? {} : { "content-length": String(body.length) };
  const request = send(url, { method, headers: { ...headers, ...length }, agent, signal });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", (cause) => reject(noAnswer(outgoing, cause)));
  });
  // Whoever hangs up does not care how it ends.
  answered.catch(() => {});
  await write(request, body, mishap);
  if (mishap === "hang up in the request" || mishap === "hang up before the answer") {
    await wait(BEFORE_HANGING_UP_MS, signal);
    request.destroy();
    throw new HungUp(mishap);
  }
  return openAnswer(await answered, outgoing);
}

async function write(
  request: ClientRequest,
  body: Buffer | undefined,
  mishap: Mishap | undefined,
): Promise<void> {
  if (mishap !== "slow request" && mishap !== "hang up in the request")
    return void request.end(body);
  // Without a body there is no half of it: the head is all that can be late.
  const half = Math.floor((body?.length ?? 0) / 2);
  if (body !== undefined) request.write(body.subarray(0, half));
  if (mishap === "hang up in the request") return;
  await wait(PAUSE_MS);
  request.end(body?.subarray(half));
}

function openAnswer(response: IncomingMessage, { mishap }: OutgoingRequest): OpenAnswer {
  return {
    status: response.statusCode ?? 0,
    statusText: response.statusMessage ?? "",
    headers: pairs(response.rawHeaders),
    chunks: read(response, mishap),
    trailers: () => pairs(response.rawTrailers),
    hangUp: () => void response.destroy(),
  };
}

async function* read(response: IncomingMessage, mishap: Mishap | undefined): AsyncIterable<Buffer> {
  for await (const chunk of response) {
    yield chunk as Buffer;
    if (mishap === "hang up in the answer") {
      response.destroy();
      throw new HungUp(mishap);
    }
    if (mishap === "slow answer") await wait(PAUSE_MS);
  }
}

function pairs(raw: readonly string[]): HeaderLine[] {
  return raw.flatMap((name, place): HeaderLine[] =>
    place % 2 === 0 ? [[name, raw[place + 1] ?? ""]] : [],
  );
}

function noAnswer({ method, url, signal }: OutgoingRequest, cause: Error): Error {
  const { code } = cause as NodeJS.ErrnoException;
  const found = signal.aborted ? "none until it was given up" : (code ?? cause.message);
  return new Error(`Expected an answer to ${method} ${url.pathname}, got ${found}`, { cause });
}
