import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { afterEach, describe, expect, it } from "vitest";
import { openSocketIo } from "../../src/drivers/socket-io.ts";
import { endings, play } from "../simulate/round-of-users.ts";

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A real Socket.IO server that pings often. */
async function serveSocketIo(set: (server: Server) => void, path = "/socket.io/"): Promise<string> {
  const http = createServer();
  const server = new Server(http, { path, pingInterval: 50, pingTimeout: 100 });
  servers.push(server);
  set(server);
  await once(http.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

describe("a Socket.IO connection", () => {
  it("emits, is acknowledged, and hears events, each user the own ones", async () => {
    const baseUrl = await serveSocketIo((server) =>
      server.on("connection", (socket) => {
        socket.on("ask", (text: string, acknowledge: (answer: string) => void) =>
          acknowledge(text),
        );
        socket.on("tell", (text: string) =>
          socket.emit("told", text, { by: socket.handshake.auth["name"] }),
        );
      }),
    );
    const heard: unknown[] = [];

    const played = await play(baseUrl, async (user) => {
      const client = await openSocketIo(user, { auth: { name: user.name } });
      heard.push(
        await client.emitWithAck("ask", user.name),
        await client.emitWithAck("ask", "again"),
      );
      client.emit("tell", user.name);
      heard.push(await client.event("told"));
    });

    expect(endings(played)).toEqual(["ok", "ok"]);
    for (const name of ["user-00", "user-01"]) {
      expect(heard).toContainEqual([name]);
      expect(heard).toContainEqual([name, { by: name }]);
    }
  });

  it("joins a namespace, at a path of its own", async () => {
    const baseUrl = await serveSocketIo(
      (server) =>
        server
          .of("/chat")
          .on("connection", (socket) => socket.on("ask", (text, acknowledge) => acknowledge(text))),
      "/live/",
    );
    const heard: unknown[] = [];

    const played = await play(
      baseUrl,
      async (user) => {
        const client = await openSocketIo(user, { path: "/live/", namespace: "/chat" });
        heard.push(await client.emitWithAck("ask", "hello"));
      },
      { users: 1 },
    );

    expect(endings(played)).toEqual(["ok"]);
    expect(heard).toEqual([["hello"]]);
  });

  it("answers pings, so that it stays", async () => {
    const reasons: string[] = [];
    const baseUrl = await serveSocketIo((server) =>
      server.on("connection", (socket) =>
        socket.on("disconnect", (reason) => reasons.push(reason)),
      ),
    );
    let wasOpen = false;

    await play(
      baseUrl,
      async (user) => {
        const { socket } = await openSocketIo(user);
        await new Promise((resolve) => setTimeout(resolve, 400));
        wasOpen = socket.isOpen;
      },
      { users: 1 },
    );

    expect(wasOpen).toBe(true);
    expect(reasons).not.toContain("ping timeout");
  });

  it("rejects when the namespace is refused, and when nothing is acknowledged", async () => {
    const baseUrl = await serveSocketIo((server) => {
      server.of("/closed").use((_, next) => next(new Error("members only")));
      server.on("connection", (socket) => socket.on("ask", () => socket.disconnect(true)));
    });

    const played = await play(baseUrl, async (user) => {
      if (user.number === 0) return void (await openSocketIo(user, { namespace: "/closed" }));
      await (await openSocketIo(user)).emitWithAck("ask");
    });

    expect(endings(played)[0]).toContain("members only");
    expect(endings(played)[1]).toContain("ask was never acknowledged");
  });
});
