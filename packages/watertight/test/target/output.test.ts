import { PassThrough } from "node:stream";
import { describe, expect, it, vi } from "vitest";
import { exitAdvice } from "../../src/target/exit-advice.ts";
import { lastOutput } from "../../src/target/last-output.ts";
import { Output } from "../../src/target/output.ts";

const CANARY = "wtcanaryAAAAAAAAAAAAAAAAAAAAAAAA";

async function outputOf(...pieces: readonly string[]): Promise<Output> {
  const output = new Output();
  const stream = new PassThrough();
  output.collect(stream);
  for (const piece of pieces) stream.write(piece);
  stream.end();
  await vi.waitFor(() => expect(stream.readableEnded).toBe(true));
  return output;
}

describe("what a process prints", () => {
  it("is kept up to its last 16 KiB, and so is a line that never ends", async () => {
    const output = await outputOf(
      ...Array.from({ length: 64 }, () => "x".repeat(64 * 1024)),
      "end",
    );

    expect(output.text).toHaveLength(16 * 1024);
    expect(output.text.endsWith("end")).toBe(true);
  });

  it("is handed over line by line, without colours, until nobody listens", () => {
    const output = new Output();
    const stream = new PassThrough();
    output.collect(stream);
    const lines: string[] = [];
    const stop = output.onLine((line) => lines.push(line));
    stream.emit("data", "\u001B[32mone");
    stream.emit("data", "\u001B[0m two\r\nthree\nfo");
    stop();
    stream.emit("data", "ur\n");

    expect(lines).toEqual(["one two", "three"]);
  });

  it("is shown by its last lines, without secrets of users", () => {
    expect(lastOutput(`\u001B[31ma\u001B[0m\nmotto ${CANARY}\n`)).toBe(
      "\n  The last it printed:\n    a\n    motto wtcanaryAAAA…",
    );
    expect(lastOutput("")).toBe(" It printed nothing.");
  });
});

describe("errors that nobody handled", () => {
  const NODE_WARNS = [
    "(node:7) UnhandledPromiseRejectionWarning: Error: no such row",
    "    at file:///app/server.js:3:9",
    "(node:7) UnhandledPromiseRejectionWarning: Unhandled promise rejection. This error originated either by throwing",
  ];
  const NODE_DIES = [
    "throw new TypeError('x is gone')",
    "^",
    "",
    "TypeError: x is gone",
    "    at a",
    "",
    "Node.js v20.20.2",
  ];

  it.each<[string, readonly string[], readonly string[]]>([
    [
      "as Node warns of them",
      [...NODE_WARNS, ...NODE_WARNS],
      ["The server reported 2 unhandled rejections; the first: Error: no such row."],
    ],
    [
      "as people log them",
      [`Unhandled Rejection at: Promise { ${CANARY} }`, "uncaughtException Error: out of order."],
      [
        "The server reported 1 unhandled rejection; the first: at: Promise { wtcanaryAAAA… }.",
        "The server reported 1 uncaught exception; the first: Error: out of order.",
      ],
    ],
    [
      "as a helper dies of them",
      NODE_DIES,
      ["The server reported 1 uncaught exception; the first: TypeError: x is gone."],
    ],
    [
      "of which there are none",
      ["Error: handled", "    at unhandledRejection (a.js)", "Node.js is great"],
      [],
    ],
  ])("are counted %s", async (_, lines, sentences) => {
    expect((await outputOf(...lines.map((line) => `${line}\n`))).complaints).toEqual(sentences);
  });
});

describe("advice on a process that ended too early", () => {
  it.each([
    ["Error: listen EADDRINUSE", "Another process listens on its port"],
    [
      "Cannot find module 'express'\nRequire stack:",
      "The package `express` is not there: run `npm install`",
    ],
    ["Cannot find package '@fastify/cors' imported from /app/a.js", "`npm install @fastify/cors`"],
    ["Cannot find module '@scope/name/part'", "`npm install @scope/name`"],
    ["Cannot find module '/app/dist/server.js'", "There is no /app/dist/server.js: build it first"],
    ["Cannot find module './routes'", "There is no ./routes: build it first"],
    ["Error: no database", "Run it by hand to see why."],
  ])("%j", (output, advice) => {
    expect(exitAdvice(output)).toContain(advice);
  });
});
