// Reports for assistants: each session has a transport of its own, and all of them one MCP server.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { z } from "zod";

const server = new McpServer(
  { name: "reports", version: "1.4.0" },
  { capabilities: { logging: {} } },
);
const inputSchema = { topic: z.string() };
server.registerTool("write_report", { inputSchema }, async ({ topic }) => {
  await wait(10 + 50 * Math.random());
  await server.sendLoggingMessage({ level: "info", data: `Reading about ${topic}` });
  await wait(10 + 50 * Math.random());
  return { content: [{ type: "text", text: `There is much to be said about ${topic}.` }] };
});
const transports = new Map();

async function openSession() {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void transports.set(id, transport),
  });
  await server.connect(transport);
  return transport;
}

createServer(async (request, response) => {
  if (request.url === "/healthz") return response.end("ok");
  if (request.url !== "/mcp" || request.headers.authorization === undefined) {
    return response.writeHead(401).end();
  }
  try {
    const known = transports.get(request.headers["mcp-session-id"]);
    const transport = known ?? (await openSession());
    await transport.handleRequest(request, response);
  } catch (error) {
    if (!response.headersSent) response.writeHead(500);
    response.end(error.message);
  }
}).listen(process.env.PORT);
