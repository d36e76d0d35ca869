import { describe, expect, it } from "vitest";
import { createRuntime } from "../src/create-runtime.ts";
import type { RuntimeOptions } from "../src/runtime-options.ts";
import { startServer } from "./http/test-server.ts";

const good: RuntimeOptions = { authenticate: async () => null, agents: {} };

describe("a runtime's options", () => {
  it.each<[string, object]>([
    ["authenticate", { authenticate: undefined }],
    ["authenticateTimeoutMs", { authenticateTimeoutMs: 2 ** 31 }],
    ["agents", { agents: undefined }],
    ["agents.echo", { agents: { echo: "echo" } }],
    ["allowedOrigins", { allowedOrigins: "https://app.example.com" }],
    ["allowedOrigins", { allowedOrigins: ["https://app.example.com/"] }],
    ["allowedOrigins", { allowedOrigins: ["*"] }],
    ["allowedOrigins", { allowedOrigins: [/example/] }],
    ["path", { path: "ws" }],
    ["path", { path: "/ws?x=1" }],
    ["path", { path: 7 }],
    ["heartbeatMs", { heartbeatMs: 0 }],
    ["heartbeatMs", { heartbeatMs: 2 ** 31 }],
    ["limits.maxConnections", { limits: { maxConnections: "10" } }],
    ["limits.maxFrameBytes", { limits: { maxFrameBytes: 0 } }],
    ["limits.runTimeoutMs", { limits: { runTimeoutMs: 2 ** 31 } }],
    ["limits.maxConection", { limits: { maxConection: 10 } }],
    ["idleMs", { sessions: { idleMs: -1 } }],
  ])("refuse a bad `%s`", async (name, bad) => {
    expect(() => createRuntime({ ...good, ...bad } as RuntimeOptions)).toThrow(
      expect.objectContaining({
        code: "WT_OPTION_INVALID",
        message: expect.stringContaining(`\`${name}\``),
      }),
    );
    await createRuntime(good).close();
  });

  it("that are undefined mean the default (they once overrode it)", async () => {
    const limits = { maxConnections: undefined, maxFrameBytes: undefined } as object;
    const absent = { path: undefined, heartbeatMs: undefined, allowedOrigins: undefined, limits };
    await using server = await startServer(absent as object);

    const alice = await server.connect("alice");

    expect(await alice.ofType("ready")).toMatchObject({
      heartbeatMs: 30_000,
      limits: { maxFrameBytes: 1024 * 1024, maxMessagesPerSecond: 100 },
    });
  });

  it("allow origins of any scheme", async () => {
    const allowedOrigins = ["https://app.example.com:8443", "chrome-extension://abcdef"];

    await expect(createRuntime({ ...good, allowedOrigins }).close()).resolves.toBeUndefined();
  });

  it("are read once: changing them later changes nothing", async () => {
    const limits = { maxMessagesPerSecond: 7 };
    await using server = await startServer({ limits });

    limits.maxMessagesPerSecond = 1;

    expect(await (await server.connect("alice")).ofType("ready")).toMatchObject({
      limits: { maxMessagesPerSecond: 7 },
    });
  });
});

describe("two runtimes in one process", () => {
  it("share no users, no sessions and no limits", async () => {
    await using one = await startServer({ limits: { maxConnections: 1 } });
    await using two = await startServer({ limits: { maxConnections: 1 } });
    const here = await one.connect("alice");
    const there = await two.connect("alice");
    const { sessionId } = (await here.ofType("ready")) as unknown as { sessionId: string };
    here.run("echo", "run");
    await here.endOf("run");
    await there.fence();

    expect(there.frames.map(({ type }) => type)).toEqual(["ready", "pong"]);
    await one.runtime.close();
    await there.fence();
    there.socket.close();
    await expect.poll(() => two.runtime.health().connections).toBe(0);
    const stranger = await two.open("alice", `/ws?session=${sessionId}`);
    expect((await stranger.closed).code).toBe(4511);
  });
});
