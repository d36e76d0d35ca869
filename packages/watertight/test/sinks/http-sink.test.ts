import { connect } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { SinkLog } from "../../src/sinks/sink-log.ts";
import { startOne, textOf } from "./collected.ts";

describe("an HTTP sink", () => {
  it("records method, path, headers and body, and answers 200 with an empty object", async () => {
    await using sink = await startOne({});
    const response = await fetch(`${sink.url}/send?to=alice`, {
      method: "PUT",
      headers: { "x-tenant": "blue", authorization: "Bearer secret" },
      body: '{"text":"hello"}',
    });

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({});
    const [message, ...others] = sink.take();
    expect(others).toEqual([]);
    expect(message).toMatchObject({ sink: "there", index: 0, what: "PUT /send", newFrom: 0 });
    const text = textOf(message);
    expect(text.startsWith("PUT /send?to=alice\r\n")).toBe(true);
    expect(text).toContain("x-tenant: blue\r\n");
    expect(text.endsWith('\r\n\r\n{"text":"hello"}')).toBe(true);
    expect(message?.addressee.map(String)).toEqual(["Bearer secret", text]);
    expect(sink.take()).toEqual([]);
    expect(sink.sinks.gaps).toEqual([]);
  });

  it.each([
    ["gzip", gzipSync("a body")],
    ["deflate", deflateSync("a body")],
    ["br", brotliCompressSync("a body")],
    ["deflate, gzip", gzipSync(deflateSync("a body"))],
  ])("decompresses %s", async (coding, body) => {
    await using sink = await startOne({
      answer: (request) => ({ text: request.text.toUpperCase() }),
    });
    const headers = { "content-encoding": coding };
    const response = await fetch(sink.url, { method: "POST", headers, body });

    expect(await response.text()).toBe("A BODY");
    expect(textOf(sink.take()[0]).endsWith("\r\n\r\na body")).toBe(true);
  });

  it("records a body that is not what it says as it came", async () => {
    await using sink = await startOne({});
    const headers = { "content-encoding": "gzip" };
    await fetch(sink.url, { method: "POST", headers, body: "no gzip" });

    expect(textOf(sink.take()[0])).toMatch(/no gzip$/);
  });

  it("records what had come when the client broke off", async () => {
    await using sink = await startOne({});
    const socket = connect({ host: "127.0.0.1", port: sink.port });
    socket.write("POST /half HTTP/1.1\r\nhost: there\r\ncontent-length: 100\r\n\r\nonly so much");
    socket.end();
    const [message] = await vi.waitUntil(() => {
      const messages = sink.take();
      return messages.length > 0 && messages;
    });

    expect(textOf(message)).toMatch(/\r\n\r\nonly so much$/);
  });

  it("keeps the beginning of what is too long, and says so", async () => {
    await using sink = await startOne({});
    await fetch(sink.url, { method: "POST", body: Buffer.alloc(5 * 1024 * 1024, "x") });

    const length = sink.take()[0]?.bytes.length ?? 0;
    expect(length).toBeGreaterThan(4 * 1024 * 1024);
    expect(length).toBeLessThan(4 * 1024 * 1024 + 1000);
    expect(sink.sinks.gaps).toEqual([
      "What stands behind the first 4 MiB of 1 messages to the sink there.",
    ]);
  });

  it("answers as it is told, and makes a stand-in for another server", async () => {
    await using told = await startOne({
      answer: { status: 202, headers: { "x-id": "7" }, text: "taken" },
    });
    const taken = await fetch(told.url);
    expect([taken.status, taken.headers.get("x-id"), await taken.text()]).toEqual([
      202,
      "7",
      "taken",
    ]);

    await using upstream = await startOne({
      answer: async ({ method, path, headers, json }) => ({
        json: { method, path, who: headers["x-who"], asked: json() },
      }),
    });
    const asked = await fetch(`${upstream.url}/me?x=1`, {
      method: "POST",
      headers: { "x-who": "bob" },
      body: "[1]",
    });
    expect(await asked.json()).toEqual({
      method: "POST",
      path: "/me?x=1",
      who: "bob",
      asked: [1],
    });
  });

  it("answers 500 if the function of the config throws, records the request, and says so", async () => {
    await using sink = await startOne({
      answer: () => {
        throw new Error("no such user");
      },
    });

    expect((await fetch(`${sink.url}/a`)).status).toBe(500);
    expect(sink.take()).toHaveLength(1);
    expect(sink.sinks.gaps[0]).toContain("`answer` threw 1 times, first: no such user");
  });
});

describe("sinks", () => {
  it("tell their places in the environment, and their messages to who listens", async () => {
    await using sink = await startOne({ env: { API: "{url}/v1", AT: "{host}:{port} {user}" } });
    const { port } = sink;
    expect(sink.sinks.env).toEqual({
      API: `http://127.0.0.1:${port}/v1`,
      AT: `127.0.0.1:${port} {user}`,
    });

    const heard: string[] = [];
    const stop = sink.sinks.onMessage(({ what }) => heard.push(what));
    await fetch(`${sink.url}/first`);
    stop();
    await fetch(`${sink.url}/second`);
    expect(heard).toEqual(["GET /first"]);
  });

  it("keep no more than 10,000 messages, count the others, and take again when they were taken", () => {
    const log = new SinkLog({ sink: "full", batches: false, onMessage: () => {} });
    const recording = { what: "mail", bytes: Buffer.from("x"), addressee: [] };
    for (let count = 0; count < 10_002; count += 1) log.record(recording);

    expect(log.take()).toHaveLength(10_000);
    expect(log.gaps).toEqual(["2 messages to the sink full: more came than could be kept."]);
    log.record(recording);
    expect(log.take()).toMatchObject([{ index: 10_002 }]);
  });
});
