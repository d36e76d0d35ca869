import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { openMcp } from "../../src/drivers/mcp-session.ts";
import { endings, play } from "../simulate/round-of-users.ts";

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serveMcp(handle: Handle): Promise<string> {
  const server = createServer((request, response) => void handle(request, response));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server of the official SDK whose tool says what it was told, and announces it first. */
function createEcho(): McpServer {
  const server = new McpServer(
    { name: "echo", version: "1.0.0" },
    { capabilities: { logging: {} } },
  );
  server.registerTool("say", { inputSchema: { text: z.string() } }, async ({ text }) => {
    await server.server.notification({
      method: "notifications/message",
      params: { level: "info", data: text },
    });
    return { content: [{ type: "text", text }] };
  });
  return server;
}

function streamable(enableJsonResponse: boolean): Handle {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  return async (request, response) => {
    let transport = sessions.get(String(request.headers["mcp-session-id"]));
    if (transport === undefined) {
      const created = new StreamableHTTPServerTransport({
        sessionIdGenerator: () => randomUUID(),
        enableJsonResponse,
        onsessioninitialized: (id) => void sessions.set(id, created),
      });
      transport = created;
      await createEcho().connect(transport);
    }
    await transport.handleRequest(request, response);
  };
}

function overSse(): Handle {
  const sessions = new Map<string, SSEServerTransport>();
  return async (request, response) => {
    const url = new URL(request.url ?? "/", "http://any");
    if (request.method === "GET") {
      const transport = new SSEServerTransport("/messages", response);
      sessions.set(transport.sessionId, transport);
      return createEcho().connect(transport);
    }
    await sessions
      .get(url.searchParams.get("sessionId") ?? "")
      ?.handlePostMessage(request, response);
  };
}

describe("an MCP session", () => {
  it.each([
    ["Streamable HTTP with JSON answers", () => streamable(true), "streamable-http"],
    ["Streamable HTTP with answers as events", () => streamable(false), "streamable-http"],
    ["HTTP with SSE", overSse, "sse"],
  ] as const)(
    "over %s calls tools, and hears what the server says on its own",
    async (_, handle, transport) => {
      const baseUrl = await serveMcp(handle());
      const results: unknown[] = [];

      const played = await play(baseUrl, async (user) => {
        const session = await openMcp(user, "/mcp", { transport });
        results.push(await session.callTool("say", { text: user.canary("words") }));
        if (session.stream === undefined) throw new Error("Expected a stream");
        await user.expectOwn(session.stream, "words");
      });

      expect(endings(played)).toEqual(["ok", "ok"]);
      const [one, two] = played.outcomes.map(({ user }) => user.canary("words"));
      expect(results).toContainEqual({ content: [{ type: "text", text: one }] });
      expect(results).toContainEqual({ content: [{ type: "text", text: two }] });
      const text = (number: number) =>
        played.capture.received
          .filter(({ user }) => user === number)
          .map(({ bytes }) => bytes.toString())
          .join();
      expect(text(0)).not.toContain(two);
      expect(text(1)).not.toContain(one);
    },
  );

  it("counts its ids from 0, as others do", async () => {
    const ids: unknown[] = [];
    const baseUrl = await serveMcp(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { id } = JSON.parse(Buffer.concat(chunks).toString()) as { id?: number };
      ids.push(id);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ jsonrpc: "2.0", id, result: {} }));
    });

    await play(baseUrl, async (user) => {
      const session = await openMcp(user, "/mcp", { initialize: false, listen: false });
      await session.callTool("a");
      await session.callTool("b");
    });

    expect(ids.map(Number).toSorted((a, b) => a - b)).toEqual([0, 0, 1, 1]);
  });

  it("rejects with the server's error, and with the status of an answer that is none", async () => {
    const baseUrl = await serveMcp(async (request, response) => {
      if (request.headers["x-user"] === "0") return void response.writeHead(500).end("<html>");
      await streamable(true)(request, response);
    });
    const messages: string[] = [];

    await play(baseUrl, async (user) => {
      const headers = { "x-user": String(user.number) };
      const error = await openMcp(user, "/mcp", { listen: false, headers }).then(
        (session) => session.callTool("no such tool").catch((thrown: unknown) => thrown),
        (thrown: unknown) => thrown,
      );
      messages[user.number] = String(error);
    });

    expect(messages[0]).toContain("Expected an answer to initialize, got status 500 without one");
    expect(messages[1]).toMatch(/tools\/call|no such tool|error|status/i);
  });
});
