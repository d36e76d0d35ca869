import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { startServer, type TestServer } from "./test-server.ts";

interface Seen {
  readonly response: ServerResponse;
  readonly path: string | undefined;
  readonly isBehindLastAnswer: boolean;
}

/** With a body, whose arrival lets the server answer before it has parsed what follows. */
function post(path: string, host = "Host: localhost\r\n"): string {
  return `POST ${path} HTTP/1.1\r\n${host}Content-Length: 10\r\n\r\n${"x".repeat(10)}`;
}

function watch({ server }: TestServer): readonly Seen[] {
  const seen: Seen[] = [];
  server.prependListener("request", (request, response) => {
    const isBehindLastAnswer = !request.socket.writable;
    seen.push({ response, path: request.url, isBehindLastAnswer });
  });
  return seen;
}

/** Sends all at once and is gone before any of it is read. */
async function sendAndReset(port: number, text: string): Promise<void> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  await once(socket, "connect");
  socket.write(text);
  socket.resetAndDestroy();
}

describe("requests behind an answer that closes the connection", () => {
  it.each([
    ["refused by Node", post("/a", "")],
    ["refused by us", post("/a")],
  ])("are not processed, and can't end the process: %s", async (_, first) => {
    await using server = await startServer();
    const seen = watch(server);

    for (let i = 0; i < 20; i += 1) {
      // Node would end the process by an assertion, which vitest reports as an uncaught exception.
      await sendAndReset(server.port, first + post("/b") + post("/c") + post("/d"));
    }

    const isBehind = (): readonly Seen[] => seen.filter((one) => one.isBehindLastAnswer);
    // The control: there were such requests.
    await expect.poll(() => isBehind().length).toBeGreaterThan(0);
    expect(isBehind().filter(({ response }) => response.headersSent)).toEqual([]);
    await expect.poll(() => countSockets(server)).toBe(0);
    expect(await (await fetch(`http://127.0.0.1:${server.port}/healthz`)).json()).toEqual({
      status: "ok",
    });
    expect(server.told).toEqual([]);
  });

  it("are processed where no answer closed it, in order", async () => {
    await using server = await startServer();
    const seen = watch(server);
    const socket = connect(server.port, "127.0.0.1").on("error", () => {});
    let answer = "";
    socket.on("data", (bytes) => (answer += bytes.toString()));

    socket.end("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(3));
    await once(socket, "close");

    expect(seen.map(({ path }) => path)).toEqual(["/healthz", "/healthz", "/healthz"]);
    expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
  });
});

function countSockets({ server }: TestServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
