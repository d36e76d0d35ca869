import { createServer, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it } from "vitest";
import { type Running, startOne, textOf } from "./collected.ts";

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Asks a proxy for an address, as clients do that were told of one. */
function ask({ port }: Running, address: string, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { host: new URL(address).host, "content-length": body.length };
    const options = { host: "127.0.0.1", port, path: address, method: "POST", headers };
    const asked = request(options, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.once("error", reject);
    asked.end(body);
  });
}

/** Asks a proxy for a tunnel, says something through it, and answers all that came back. */
function askForTunnel({ port }: Running, to: string, words: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port });
    let text = "";
    socket.write(`CONNECT ${to} HTTP/1.1\r\nhost: ${to}\r\n\r\n`);
    socket.on("data", (chunk: Buffer) => {
      if (text === "" && chunk.includes("200")) socket.write(words);
      text += chunk.toString();
    });
    socket.once("end", () => resolve(text));
    socket.once("error", reject);
  });
}

async function startOrigin(): Promise<AsyncDisposable & { readonly host: string }> {
  const server = createServer((asked, response) => {
    let text = "";
    asked.on("data", (chunk: Buffer) => (text += chunk.toString()));
    asked.on("end", () => {
      response.writeHead(201, { connection: "close" }).end(`${asked.method} ${asked.url} ${text}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

describe("a proxy", () => {
  it("records what it is asked for and answers itself, whatever the address", async () => {
    await using proxy = await startOne({ kind: "proxy", answer: { status: 204 } });
    const answer = await ask(proxy, "http://mail.example/send?x=1", "to alice");

    expect(answer.status).toBe(204);
    const [message] = proxy.take();
    expect(message).toMatchObject({ what: "POST /send" });
    expect(textOf(message)).toMatch(/^POST http:\/\/mail\.example\/send\?x=1\r\n/);
    expect(textOf(message)).toMatch(/to alice$/);
  });

  it("with `forward` fetches it from where it is, and records it all the same", async () => {
    await using origin = await startOrigin();
    await using proxy = await startOne({ kind: "proxy", forward: true });
    const answer = await ask(proxy, `http://${origin.host}/a?b`, "hello");

    expect(answer).toEqual({ status: 201, text: "POST /a?b hello" });
    expect(textOf(proxy.take()[0])).toMatch(/hello$/);
    const nowhere = await ask(proxy, "http://127.0.0.1:1/", "");
    expect(nowhere.status).toBe(502);
    expect(proxy.take()).toHaveLength(1);
    expect(proxy.sinks.gaps).toEqual([]);
  });

  it("refuses tunnels with a sentence, and says that it did", async () => {
    await using proxy = await startOne({ kind: "proxy" });
    const answer = await askForTunnel(proxy, "mail.example:443", "");

    expect(answer).toMatch(/^HTTP\/1\.1 501 .*a tunnel can't be read\.\n$/s);
    expect(proxy.take()).toEqual([]);
    expect(proxy.sinks.gaps).toEqual([
      "What goes through tunnels: 1 (CONNECT) to the sink there were refused; `forward: true` lets them through, unread.",
    ]);
  });

  it("with `forward` lets tunnels through unread, and says so", async () => {
    await using origin = await startOrigin();
    await using proxy = await startOne({ kind: "proxy", forward: true });
    const words = "GET /x HTTP/1.1\r\nhost: origin\r\nconnection: close\r\n\r\n";
    const answer = await askForTunnel(proxy, origin.host, words);

    expect(answer).toMatch(/200 Connection Established.*201 Created.*GET \/x/s);
    expect(proxy.take()).toEqual([]);
    expect(proxy.sinks.gaps[0]).toContain("let through unread");
  });
});
