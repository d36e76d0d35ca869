// A memory for models: what is remembered in a session is found again in it.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { z } from "zod";

const memory = [];

function createMemoryServer() {
  const server = new McpServer({ name: "memory", version: "1.0.0" });
  const say = (text) => ({ content: [{ type: "text", text }] });
  server.registerTool("remember", { inputSchema: { text: z.string() } }, async ({ text }) => {
    memory.push(text);
    return say(`Remembered: ${text}`);
  });
  server.registerTool("recall", {}, async () => say(memory.join("\n")));
  return server;
}

const sessions = new Map();

async function openSession() {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
  });
  await createMemoryServer().connect(transport);
  return transport;
}

createServer(async (request, response) => {
  const transport = sessions.get(request.headers["mcp-session-id"]) ?? (await openSession());
  await transport.handleRequest(request, response);
}).listen(Number(process.env.PORT), "127.0.0.1");
