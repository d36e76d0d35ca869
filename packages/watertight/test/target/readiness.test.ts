import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { Output } from "../../src/target/output.ts";
import { type Attempt, type Ready, untilReady, watchFor } from "../../src/target/readiness.ts";

const NEVER = new Promise<void>(() => {});
const URL_OF_NOBODY = "http://127.0.0.1:4";

interface Trial {
  readonly baseUrl?: string;
  readonly ended?: Promise<void>;
  readonly timeoutMs?: number;
  /** What is printed meanwhile. */
  readonly lines?: readonly string[];
}

/** Watches for as long as it is told to, which may be one try. */
async function watch(ready: Ready | undefined, trial: Trial): Promise<Attempt> {
  const { baseUrl, ended = NEVER, timeoutMs = 0, lines = [] } = trial;
  const output = new Output();
  const stream = new PassThrough();
  output.collect(stream);
  using readiness = watchFor({ ready, baseUrl, output }, "target");
  for (const line of lines) stream.emit("data", `${line}\n`);
  return untilReady(readiness, { timeoutMs, ended });
}

describe("a server that is about to be ready", () => {
  it.each<[string, Ready, Trial, Attempt]>([
    ["no line", { line: "up" }, {}, { found: "0 other lines" }],
    [
      "another line",
      { line: /up on (?<port>\d+)/ },
      { lines: ["soon"] },
      { found: "1 other line" },
    ],
    [
      "a line without a port that can be",
      { line: /up on (?<port>\d+)/ },
      { lines: ["up on 99999"] },
      { found: "`up on 99999`" },
    ],
    [
      "a line that is no address, and then one",
      { line: /up on (?<port>\d+)/ },
      { lines: ["up on 99999", "up on 3000", "up on 4000"] },
      { baseUrl: "http://127.0.0.1:3000" },
    ],
    [
      "the line, where its address is known",
      { line: /up on (?<port>\d+)/ },
      { lines: ["up on 3000"], baseUrl: "http://127.0.0.1:4000" },
      { baseUrl: "http://127.0.0.1:4000" },
    ],
    ["nobody at its port", { port: true }, { baseUrl: URL_OF_NOBODY }, { found: "no connection" }],
    ["nobody at its path", "/", { baseUrl: URL_OF_NOBODY }, { found: "ECONNREFUSED" }],
  ])("is told by what was found: %s", async (_, ready, trial, expected) => {
    expect(await watch(ready, trial)).toEqual(expected);
  });

  it("that takes connections and answers none is ready for some", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

    expect(await watch({ port: true }, { baseUrl })).toEqual({ baseUrl });
    expect(await watch(undefined, { baseUrl })).toEqual({ found: "no answer in 2 s" });
    server.close();
  });

  it("that answers is ready by any answer, or by a good one to its path", async () => {
    const server = createHttpServer((_request, response) => response.writeHead(503).end());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

    expect(await watch(undefined, { baseUrl })).toEqual({ baseUrl });
    expect(await watch("/healthz", { baseUrl })).toEqual({ found: "status 503" });
    server.close();
    server.closeAllConnections();
  });

  it.each<Ready>([{ line: "up" }, { port: true }, "/"])(
    "is not waited for when it has ended: %j",
    async (ready) => {
      const trial = { baseUrl: URL_OF_NOBODY, ended: Promise.resolve(), timeoutMs: 3_600_000 };

      expect(await watch(ready, trial)).toEqual({ found: "its end" });
    },
  );

  it("says what it is to do, and what to do if it does not", () => {
    const output = new Output();
    const sentenceOf = (ready: Ready | undefined): string => {
      const { deed, advice } = watchFor({ ready, baseUrl: "http://[::1]:80", output }, "target");
      return `${deed}. ${advice}`;
    };

    expect(sentenceOf(undefined)).toMatch(/^answer http:\/\/\[::1\]\/\. Check target\.ready and/);
    expect(sentenceOf({ path: "/up" })).toMatch(/^answer http:\/\/\[::1\]\/up\. /);
    expect(sentenceOf({ port: true })).toMatch(/^accept connections at \[::1\]\. /);
    expect(sentenceOf({ line: "up" })).toMatch(/^print a line with `up`\. Check .*what it prints$/);
    expect(sentenceOf({ line: /up/i })).toMatch(/^print a line with \/up\/i\. /);
  });
});
