import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { createDeferred } from "../internal/deferred.ts";
import { startServer, type TestServer } from "./test-server.ts";
import { TestClient } from "./test-client.ts";
import { signToken } from "./test-token.ts";

/** What the server answers to an upgrade that it does not accept. */
async function statusOf(
  server: TestServer,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  const client = new TestClient(server.url(path), { headers });
  const [, response] = (await once(client.socket, "unexpected-response")) as [
    unknown,
    { statusCode?: number },
  ];
  client.socket.terminate();
  return response.statusCode;
}

/** Speaks HTTP by hand and never closes its own side. */
async function answerTo(server: TestServer, request: string): Promise<string> {
  const socket = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
  socket.write(request);
  let answer = "";
  socket.on("data", (data: Buffer) => (answer += data.toString()));
  await once(socket, "end");
  const connections = () =>
    new Promise<number>((resolve) => server.server.getConnections((_, n) => resolve(n)));
  await expect.poll(connections).toBe(0);
  socket.destroy();
  return answer;
}

const bearer = async (userId: string) => ({ authorization: `Bearer ${await signToken(userId)}` });

describe("an upgrade", () => {
  it("is answered 401 without a proof, or with a bad one, and accepted with a good one", async () => {
    await using server = await startServer();
    const forged = await signToken("alice", {}, "another secret, also of more than 32 bytes");

    expect(await statusOf(server, "/ws", {})).toBe(401);
    expect(await statusOf(server, "/ws", { authorization: `Bearer ${forged}` })).toBe(401);
    expect(await statusOf(server, "/ws", { authorization: "Basic YTpi" })).toBe(401);
    const alice = await server.connect("alice");

    expect(alice.frames[0]).toMatchObject({ type: "ready", protocolVersion: "1.0" });
    expect(server.runtime.health()).toMatchObject({ users: 1, connections: 1 });
  });

  it("is answered 403 from an origin that is not allowed, whoever asks", async () => {
    await using server = await startServer({ allowedOrigins: ["https://app.example.com"] });
    const headers = await bearer("alice");

    expect(await statusOf(server, "/ws", { ...headers, origin: "https://evil.example" })).toBe(403);
    expect(await statusOf(server, "/ws", { ...headers, origin: "null" })).toBe(403);
    const allowed = new TestClient(server.url(), {
      headers: { ...headers, origin: "https://app.example.com" },
    });

    expect(await allowed.ofType("ready")).toBeDefined();
  });

  it("is answered 403 from every origin by default", async () => {
    await using server = await startServer();
    const headers = { ...(await bearer("alice")), origin: "https://app.example.com" };

    expect(await statusOf(server, "/ws", headers)).toBe(403);
    expect(await server.connect("alice")).toBeDefined();
  });

  it("is answered 404 on another path", async () => {
    await using server = await startServer({ path: "/socket" });
    const headers = await bearer("alice");

    expect(await statusOf(server, "/ws", headers)).toBe(404);
    expect(await server.connect("alice", "/socket?x=1")).toBeDefined();
  });

  it("is answered 404 on a path that is no path, and the socket is let go of", async () => {
    await using server = await startServer();

    const answer = await answerTo(
      server,
      "GET // HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    );

    expect(answer).toMatch(/^HTTP\/1.1 404 /);
    expect(server.told).toEqual([]);
  });

  it("that is refused leaves no half-open socket behind (a refused peer could hold it for ever)", async () => {
    await using server = await startServer();

    const answer = await answerTo(
      server,
      "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    );

    expect(answer).toMatch(/^HTTP\/1.1 401 /);
  });
});

describe("an authenticator", () => {
  it.each([
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no"))],
    ["answers a bad user id", async () => ({ tenantId: "t", userId: "a\nb" })],
    ["answers a user id that no text is", async () => ({ tenantId: "t", userId: "\uD800" })],
    ["answers no tenant", async () => ({ tenantId: null, userId: "a" })],
    ["answers undefined", async () => undefined],
  ])("that %s lets nobody in, and the operator hears why", async (_, authenticate) => {
    await using server = await startServer({ authenticate: authenticate as never });

    expect(await statusOf(server, "/ws", {})).toBe(401);
    expect(server.told.map(({ stage }) => stage)).toEqual(["authenticate"]);
  });

  it.each([
    ["has expired", 0],
    ["is no number", Number.NaN],
  ])("whose proof %s lets nobody in, and one that lasts does", async (_, expiresAt) => {
    const lasting = Date.now() + 60_000;
    await using server = await startServer({
      authenticate: async ({ headers }) => ({
        tenantId: "t",
        userId: "alice",
        expiresAt: headers["x-lasting"] === undefined ? expiresAt : lasting,
      }),
    });

    expect(await statusOf(server, "/ws", {})).toBe(401);
    await server.connect("alice", "/ws", { headers: { "x-lasting": "yes" } });
  });

  it("that hangs lets nobody in and holds no socket", async () => {
    await using server = await startServer({
      authenticate: () => new Promise(() => {}),
      authenticateTimeoutMs: 20,
    });

    expect(await statusOf(server, "/ws", {})).toBe(401);
    expect(String(server.told[0]?.error)).toContain("did not finish within 20 ms");
  });

  it("that answers after the runtime closed admits nobody", async () => {
    const asked = createDeferred();
    const answer = createDeferred<{ tenantId: string; userId: string }>();
    await using server = await startServer({
      authenticate() {
        asked.resolve();
        return answer.promise;
      },
    });
    const status = statusOf(server, "/ws", {});
    await asked.promise;

    await server.runtime.close();
    answer.resolve({ tenantId: "t", userId: "alice" });

    expect(await status).toBe(503);
    expect(server.runtime.health()).toEqual({ status: "closing", users: 0, connections: 0 });
    expect(await statusOf(server, "/ws", {})).toBe(503);
  });

  it("whose peer hangs up meanwhile leaves nothing behind", async () => {
    const asked = createDeferred();
    const answer = createDeferred<{ tenantId: string; userId: string }>();
    let calls = 0;
    await using server = await startServer({
      authenticate() {
        calls += 1;
        asked.resolve();
        return calls === 1 ? answer.promise : Promise.resolve({ tenantId: "t", userId: "bob" });
      },
    });
    const client = new TestClient(server.url());
    await asked.promise;

    client.socket.terminate();
    await client.closed;
    answer.resolve({ tenantId: "t", userId: "alice" });
    const bob = await server.connect("bob");
    await bob.fence();

    await expect.poll(() => server.runtime.health().users).toBe(1);
  });

  it("is one of so many at once: one more is turned away with 503, and gets in when there is room", async () => {
    const answer = createDeferred<{ tenantId: string; userId: string }>();
    let asked = 0;
    await using server = await startServer({
      limits: { maxPendingAdmissions: 2 },
      authenticate: () => {
        asked += 1;
        return answer.promise;
      },
    });
    const waiting = [new TestClient(server.url()), new TestClient(server.url())];
    await expect.poll(() => asked).toBe(2);

    expect(await statusOf(server, "/ws", {})).toBe(503);
    answer.resolve({ tenantId: "t", userId: "alice" });
    await Promise.all(waiting.map((client) => client.ofType("ready")));

    await using third = await server.connect("alice");
    expect(await third.ofType("ready")).toBeDefined();
    expect(asked).toBe(3);
    await Promise.all(waiting.map((client) => client[Symbol.asyncDispose]()));
  });
});
