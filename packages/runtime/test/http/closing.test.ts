import { describe, expect, it } from "vitest";
import type { Runtime } from "../../src/create-runtime.ts";
import { startServer } from "./test-server.ts";

describe("closing the runtime", () => {
  it("ends every run, tells all of its user's devices, and then says goodbye 1001", async () => {
    await using server = await startServer();
    const [phone, desk, bob] = [
      await server.connect("alice"),
      await server.connect("alice"),
      await server.connect("bob"),
    ];
    phone.run("hangs", "run");
    await desk.ofType("CUSTOM");

    await server.runtime.close();

    for (const client of [phone, desk]) {
      expect(await client.closed).toEqual({ code: 1001, reason: "the server shuts down" });
      expect(client.eventsOf("run").at(-1)).toMatchObject({ outcome: { type: "cancelled" } });
    }
    expect((await bob.closed).code).toBe(1001);
    expect(bob.frames.map(({ type }) => type)).toEqual(["ready"]);
    expect(server.runtime.health()).toMatchObject({ status: "closing", connections: 0 });
  });

  it("is done once, however often it is asked for at once and later", async () => {
    await using server = await startServer();
    const alice = await server.connect("alice");
    const { runtime } = server;

    await Promise.all([runtime.close(), runtime.close(), runtime[Symbol.asyncDispose]()]);
    await runtime.close();

    expect((await alice.closed).code).toBe(1001);
  });

  it("is finished though a socket is dead and never says goodbye", async () => {
    await using server = await startServer();
    const [dead, alice] = [await server.connect("dead"), await server.connect("alice")];
    dead.socket.pause();

    await server.runtime.close();

    expect((await alice.closed).code).toBe(1001);
    expect(server.runtime.health().connections).toBe(0);
    dead.socket.resume();
    await dead.closed;
  });

  it("is finished from inside an agent and from inside a listener", async () => {
    let runtime: Runtime | undefined;
    const closings: Promise<void>[] = [];
    const close = (): void => void closings.push(runtime?.close() ?? Promise.reject());
    await using server = await startServer({
      agents: {
        async *closes() {
          close();
          yield* [];
        },
      },
    });
    ({ runtime } = server);
    runtime.sessions.onEnded(close);
    const [alice, bob] = [await server.connect("alice"), await server.connect("bob")];

    alice.run("closes", "run");

    expect((await alice.closed).code).toBe(1001);
    expect((await bob.closed).code).toBe(1001);
    await Promise.all(closings);
    expect(closings).toHaveLength(1);
  });

  it("in the middle of a socket's own goodbye is finished", async () => {
    await using server = await startServer();
    const alice = await server.connect("alice");

    alice.socket.close();
    await server.runtime.close();

    expect([1001, 1005]).toContain((await alice.closed).code);
  });
});

describe("health", () => {
  it("is ok, then 503 while closing, and says nothing of any user", async () => {
    await using server = await startServer();
    await server.connect("alice");
    const ask = async (path: string, method = "GET") => {
      const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
      return [response.status, await response.text()];
    };

    expect(await ask("/healthz")).toEqual([200, '{"status":"ok"}']);
    expect((await ask("/healthz", "POST"))[0]).toBe(405);
    expect((await ask("/ws"))[0]).toBe(404);
    await server.runtime.close();
    expect(await ask("/healthz")).toEqual([503, '{"status":"closing"}']);
  });
});
