import { wait } from "../internal/wait.ts";
import type { Output } from "./output.ts";
import { isPortTaken, placeOf } from "./port.ts";
import { addressIn, fresh, tellsAddress } from "./told-address.ts";

/**
 * How a server shows that it can be asked: a path that answers 2xx, a port that takes connections, or a line
 * that it prints. Of an expression with a group `port` or `url`, the group says where the server is.
 */
export type Ready =
  | string
  | { readonly path: string }
  | { readonly port: true }
  | { readonly line: string | RegExp };

/** A server that is about to be ready. */
export interface Starting {
  readonly ready: Ready | undefined;
  /** Where it will be; `undefined` if it tells so itself. */
  readonly baseUrl: string | undefined;
  readonly output: Output;
}

/** A try: where the server is, or what was found instead. */
export type Attempt = { readonly baseUrl: string } | { readonly found: string };

/** Watches a server that is about to be ready. */
export interface Readiness extends Disposable {
  /** What it must do, after "to": `answer http://127.0.0.1:3000/`. */
  readonly deed: string;
  /** What to do if it does not. */
  readonly advice: string;
  attempt(): Promise<Attempt>;
}

const ATTEMPT_MS = 2000;
const PAUSE_MS = 50;

/** Says whether a server tells by its output where it is. */
export function isToldByOutput(ready: Ready | undefined): boolean {
  return typeof ready === "object" && "line" in ready && tellsAddress(ready.line);
}

/** Begins to watch; `key` is where the config describes the server. */
export function watchFor({ ready, baseUrl, output }: Starting, key: string): Readiness {
  if (typeof ready === "object" && "line" in ready) {
    return watchLines(ready.line, baseUrl, output, key);
  }
  // Only who prints its address has none yet.
  const url = baseUrl as string;
  if (typeof ready === "object" && "port" in ready) return watchPort(url, key);
  return watchAnswers(url, typeof ready === "object" ? ready.path : ready, key);
}

/** Tries until the server is ready, has ended or had its time; answers the last try. */
export async function untilReady(
  readiness: Readiness,
  { timeoutMs, ended }: { readonly timeoutMs: number; readonly ended: Promise<void> },
): Promise<Attempt> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    // Of two that are there already the first one counts.
    const last = await Promise.race([ended, readiness.attempt()]);
    if (last === undefined) return { found: "its end" };
    if ("baseUrl" in last || performance.now() >= deadline) return last;
    await Promise.race([wait(PAUSE_MS), ended]);
  }
}

function watchAnswers(baseUrl: string, path: string | undefined, key: string): Readiness {
  const url = new URL(path ?? "/", baseUrl).href;
  return {
    deed: `answer ${url}`,
    advice: `Check ${key}.ready and that the server listens on the port in PORT`,
    attempt: async () => {
      try {
        const signal = AbortSignal.timeout(ATTEMPT_MS);
        const response = await fetch(url, { redirect: "manual", signal });
        await response.arrayBuffer();
        const isReady = path === undefined || response.ok;
        return isReady ? { baseUrl } : { found: `status ${response.status}` };
      } catch (error) {
        return { found: explain(error) };
      }
    },
    [Symbol.dispose]: () => {},
  };
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer in ${ATTEMPT_MS / 1000} s`;
  return (error.cause as { code?: string } | undefined)?.code ?? error.message;
}

function watchPort(baseUrl: string, key: string): Readiness {
  const place = placeOf(baseUrl);
  return {
    deed: `accept connections at ${new URL(baseUrl).host}`,
    advice: `Check ${key}.ready and that it listens on the port in PORT`,
    attempt: async () => ((await isPortTaken(place)) ? { baseUrl } : { found: "no connection" }),
    [Symbol.dispose]: () => {},
  };
}

function watchLines(
  wanted: string | RegExp,
  baseUrl: string | undefined,
  output: Output,
  key: string,
): Readiness {
  const pattern = typeof wanted === "string" ? wanted : fresh(wanted);
  let found: Attempt | undefined;
  let lines = 0;
  const stop = output.onLine((line) => {
    lines += 1;
    const isIt = typeof pattern === "string" ? line.includes(pattern) : pattern.test(line);
    if (!isIt || (found !== undefined && "baseUrl" in found)) return;
    const address = baseUrl ?? addressIn(line, pattern);
    found = address === undefined ? { found: `\`${line}\`` } : { baseUrl: address };
  });
  return {
    deed: `print a line with ${typeof wanted === "string" ? `\`${wanted}\`` : String(wanted)}`,
    advice: `Check ${key}.ready against what it prints`,
    attempt: async () => found ?? { found: lines === 1 ? "1 other line" : `${lines} other lines` },
    [Symbol.dispose]: stop,
  };
}
