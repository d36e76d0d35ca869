import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it } from "vitest";
import { sendJson, sendRefusal } from "../../src/http/answer.ts";
import type { HttpRefusal } from "../../src/http/http-refusal.ts";
import { readJson } from "../../src/http/read-body.ts";

/** A server that reads one body and tells what came of it. */
async function serve(
  prepare: (request: IncomingMessage) => Promise<void> = async () => {},
): Promise<{ port: number; [Symbol.asyncDispose]: () => Promise<void> }> {
  const server = createServer((request, response) => {
    prepare(request)
      .then(() => readJson(request, { maxBytes: 100, timeoutMs: 100 }))
      .then((value) => sendJson(response, 200, { value }))
      .catch((error: unknown) => sendRefusal(response, error as HttpRefusal));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const HEAD = "POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";

describe("a body", () => {
  it("that does not come in time is refused, and its connection ends", async () => {
    await using server = await serve();
    const socket = connect(server.port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
    socket.write(`${HEAD}content-length: 50\r\n\r\n{`);
    const drip = setInterval(() => socket.write(" "), 20);

    await once(socket, "close");
    clearInterval(drip);

    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toContain("BODY_TOO_SLOW");
  });

  it("that breaks off leaves nothing behind, and the server goes on", async () => {
    await using server = await serve();
    const socket = connect(server.port, "127.0.0.1");
    socket.write(`${HEAD}content-length: 50\r\n\r\n{`);
    await once(socket, "connect");
    socket.destroy();

    const answer = await fetch(`http://127.0.0.1:${server.port}`, {
      method: "POST",
      headers: { "content-type": "application/vnd.api+json; charset=utf-8" },
      body: '{"ok":true}',
    });
    expect(await answer.json()).toEqual({ value: { ok: true } });
  });

  it.each([
    ["as a value", (text: string) => JSON.parse(text) as unknown],
    ["as bytes", (text: string) => Buffer.from(text)],
    ["as a text", (text: string) => text],
  ])("that a framework has read, %s, is taken over", async (_, keep) => {
    await using server = await serve(async (request) => {
      const chunks = await request.toArray();
      Object.assign(request, { body: keep(Buffer.concat(chunks as Buffer[]).toString()) });
    });

    const answer = await fetch(`http://127.0.0.1:${server.port}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"ok":true}',
    });

    expect(await answer.json()).toEqual({ value: { ok: true } });
  });
});
