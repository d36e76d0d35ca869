import { Agent } from "node:http";
import { Agent as SecureAgent } from "node:https";
import { CookieJar } from "tough-cookie";
import { decodeBody, knownCodings } from "../internal/decode-body.ts";
import { describeRequest, type HttpAnswer, type Received } from "../received.ts";
import { exchange, type HeaderLine, type OpenAnswer } from "./exchange.ts";
import type { Mishap } from "../mishap.ts";
import { type BodyOptions, encodeBody } from "./request-body.ts";
import { UserStream } from "./user-stream.ts";

/** `user.fetch` options: those of `fetch` that make sense here, `json` and `form`. */
export interface UserFetchOptions extends BodyOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** As somebody who has not signed in. Default: false. */
  readonly anonymous?: boolean;
  /** @internal What befalls it, whatever the pattern says. */
  readonly mishap?: Mishap;
}

/** A request as its user made it, without what says who the user is; for saying it again. */
export interface SentRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** Its answer goes on for ever. */
  readonly isStream: boolean;
  /** What came back; `undefined` if nothing did. */
  readonly answer: Received | undefined;
}

/** How a user's requests are sent, paced and reported; given by the user who makes them. */
export interface UserHttpOptions {
  readonly name: string;
  readonly baseUrl: string;
  readonly record: (connection: string, bytes: Buffer, answer?: HttpAnswer) => Received;
  /** Bytes of an answer that is not whole yet have arrived. */
  readonly stir: () => void;
  readonly pass: () => Promise<void>;
  /** A new signal for a single wait. */
  readonly patience: () => AbortSignal;
  /** Aborted when the user is gone, or the round is over. */
  readonly signal: AbortSignal;
  /** What befalls the user's request of this number, from 0. */
  readonly mishapOf: (request: number) => Mishap | undefined;
  /** A line that others use, too. Default: lines of one's own. */
  readonly line?: Agent;
}

/** The HTTP half of a user: keep-alive lines and a cookie jar of its own; everything that comes is recorded. */
export class UserHttp {
  readonly #options: UserHttpOptions;
  readonly #agent: Agent;
  readonly #jar: CookieJar;
  readonly #sent: SentRequest[] = [];
  #headers: Readonly<Record<string, string>> = {};
  #isSignedIn = false;
  #requests = 0;
  #answered = 0;
  #streams = 0;

  constructor(options: UserHttpOptions) {
    this.#options = options;
    const Line = new URL(options.baseUrl).protocol === "https:" ? SecureAgent : Agent;
    this.#agent = new Line({ keepAlive: true });
    // A server under test lives at an address or at localhost, which no list of suffixes knows.
    this.#jar = new CookieJar(undefined, { rejectPublicSuffixes: false, looseMode: true });
  }

  /** From now on these headers go with every request, and mishaps may happen. */
  signedIn(headers: Readonly<Record<string, string>>): void {
    this.#headers = headers;
    this.#isSignedIn = true;
  }

  /** All requests since the user signed in, in the order in which they were made. */
  get sent(): readonly SentRequest[] {
    return this.#sent;
  }

  /** What says who the user is, for `url`: headers of the sign-in, and cookies. */
  async credentials(url: URL): Promise<Record<string, string>> {
    const cookies = await this.#jar.getCookieString(url.href);
    const given = Object.entries(this.#headers).find(([name]) => /^cookie$/i.test(name))?.[1];
    const cookie = [given, cookies].filter(Boolean).join("; ");
    const others = Object.entries(this.#headers).filter(([name]) => !/^cookie$/i.test(name));
    return { ...Object.fromEntries(others), ...(cookie === "" ? {} : { cookie }) };
  }

  /** Makes a request and answers with the whole answer, decoded; head, body and trailers are recorded. */
  async fetch(path: string, options: UserFetchOptions = {}): Promise<Response> {
    const { place, request, mishap } = await this.#prepare(path, options, false);
    const { line = this.#agent, patience } = this.#options;
    const asked = { ...request, agent: line, signal: patience(), mishap };
    const open = await exchange(asked);
    await this.#keepCookies(asked.url, open);
    const { bytes, received } = await this.#readAnswer(
      open,
      describeRequest(asked.method, asked.url),
    );
    if (place !== undefined) this.#note(place, received);
    const hasBody = ![101, 204, 205, 304].includes(open.status);
    const { status, statusText } = open;
    return new Response(hasBody ? new Uint8Array(bytes) : null, {
      status: Math.max(200, status),
      statusText,
      headers: asHeaders(open.headers),
    });
  }

  /** Makes a request whose answer goes on for ever, `text/event-stream`; each event is recorded as it comes. */
  async stream(path: string, options: UserFetchOptions = {}): Promise<UserStream> {
    const headers = {
      accept: "text/event-stream",
      "accept-encoding": "identity",
      ...options.headers,
    };
    const { place, request, mishap } = await this.#prepare(path, { ...options, headers }, true);
    const { signal, record, name } = this.#options;
    // A stream keeps its line for itself: others would wait behind it for ever.
    const open = await exchange({ ...request, agent: this.#agent, signal, mishap });
    this.#streams += 1;
    const connection = `${name}/stream-${this.#streams}`;
    const answer = { request: describeRequest(request.method, request.url), status: open.status };
    const received = record(connection, headOf(open), answer);
    if (place !== undefined) this.#note(place, received);
    await this.#keepCookies(request.url, open);
    return new UserStream({ connection, open, record, stir: this.#options.stir });
  }

  /** Ends every line that nobody else uses. */
  close(): void {
    this.#agent.destroy();
  }

  async #prepare(path: string, options: UserFetchOptions, isStream: boolean) {
    await this.#options.pass();
    const url = new URL(path, this.#options.baseUrl);
    const body = await encodeBody(options);
    const method = options.method ?? "GET";
    const type = body?.contentType === undefined ? {} : { "content-type": body.contentType };
    const own = { ...type, ...lowerCased(options.headers) };
    const place = this.#isSignedIn ? this.#requests++ : undefined;
    const mishap =
      options.mishap ?? (place === undefined ? undefined : this.#options.mishapOf(place));
    if (place !== undefined) {
      const target = url.pathname + url.search;
      this.#sent[place] = {
        method,
        path: target,
        headers: own,
        body: body?.bytes,
        isStream,
        answer: undefined,
      };
    }
    const isStranger = options.anonymous === true || mishap === "stranger";
    const credentials = isStranger ? {} : await this.credentials(url);
    const headers = { ...DEFAULT_HEADERS, ...lowerCased(credentials), ...own };
    return { place, mishap, request: spoil({ method, url, headers, body: body?.bytes }, mishap) };
  }

  /** Reads and records an answer; one that is cut off, or never ends, is recorded as far as it came. */
  async #readAnswer(
    open: OpenAnswer,
    request: string,
  ): Promise<{ bytes: Buffer; received: Received }> {
    this.#answered += 1;
    const connection = `${this.#options.name}/request-${this.#answered}`;
    const chunks: Buffer[] = [];
    let bytes = Buffer.alloc(0);
    let received: Received | undefined;
    try {
      for await (const chunk of open.chunks) {
        chunks.push(chunk);
        this.#options.stir();
      }
    } finally {
      const raw = Buffer.concat(chunks);
      const coding = header(open, "content-encoding") ?? "";
      bytes = Buffer.from(decodeBody(raw, coding, MAX_ANSWER_BYTES) ?? raw);
      const trailers = open.trailers().map(lineOf).join("");
      const whole = Buffer.concat([headOf(open), bytes, Buffer.from(trailers && `\n${trailers}`)]);
      received = this.#options.record(connection, whole, { request, status: open.status });
    }
    return { bytes, received };
  }

  #note(place: number, answer: Received): void {
    const sent = this.#sent[place];
    if (sent !== undefined) this.#sent[place] = { ...sent, answer };
  }

  async #keepCookies(url: URL, { headers }: OpenAnswer): Promise<void> {
    for (const [name, value] of headers) {
      if (!/^set-cookie$/i.test(name)) continue;
      // What a browser would not keep is not kept here either.
      await this.#jar.setCookie(value, url.href, { ignoreError: true });
    }
  }
}

/** What a compressed answer may come to; what is more is kept as it came. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const DEFAULT_HEADERS = Object.freeze({
  accept: "*/*",
  "accept-encoding": knownCodings(),
  "user-agent": "watertight",
});

interface Prepared {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

/** Makes a request go wrong on its way to the server's code. */
function spoil(request: Prepared, mishap: Mishap | undefined): Prepared {
  const { body, url } = request;
  if (mishap === "broken body" && body !== undefined && body.length > 0) {
    return { ...request, body: body.subarray(0, Math.ceil(body.length / 2)) };
  }
  if (mishap === "broken body") return { ...request, url: new URL(`${url.href}%`) };
  if (mishap !== "lost") return request;
  const lost = new URL(url);
  lost.pathname = `${url.pathname.replace(/\/$/, "")}/no-such-place`;
  return { ...request, url: lost };
}

function headOf({ status, statusText, headers }: OpenAnswer): Buffer {
  return Buffer.from(`${status} ${statusText}\n${headers.map(lineOf).join("")}\n`, "latin1");
}

function lineOf([name, value]: HeaderLine): string {
  return `${name}: ${value}\n`;
}

function header({ headers }: OpenAnswer, wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
}

/** The body is decoded already, so its coding and length on the wire are no longer true. */
function asHeaders(lines: readonly HeaderLine[]): Headers {
  const headers = new Headers();
  for (const [name, value] of lines) {
    if (/^(content-encoding|content-length|transfer-encoding)$/i.test(name)) continue;
    headers.append(name, value);
  }
  return headers;
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
