// Notes for assistants, as the SDK's manual wants it: each request has an MCP server and a transport of its own.
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { z } from "zod";

const notes = new Map();

async function notesOf(owner) {
  await wait(10 + 50 * Math.random());
  if (!notes.has(owner)) notes.set(owner, []);
  return notes.get(owner);
}

function createNotesServer() {
  const server = new McpServer({ name: "notes", version: "2.1.0" });
  const inputSchema = { text: z.string() };
  server.registerTool("add_note", { inputSchema }, async ({ text }, { authInfo }) => {
    const own = await notesOf(authInfo.clientId);
    own.push(text);
    return { content: [{ type: "text", text: `Note ${own.length} is kept.` }] };
  });
  server.registerTool("list_notes", {}, async ({ authInfo }) => {
    const own = await notesOf(authInfo.clientId);
    return { content: own.map((text) => ({ type: "text", text })) };
  });
  return server;
}

createServer(async (request, response) => {
  if (request.url === "/healthz") return response.end("ok");
  const token = request.headers.authorization?.replace(/^Bearer /, "");
  if (request.url !== "/mcp" || token === undefined) return response.writeHead(401).end();
  if (request.method !== "POST") return response.writeHead(405, { allow: "POST" }).end();
  request.auth = { token, clientId: token, scopes: [] };
  const server = createNotesServer();
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  response.once("close", () => void server.close());
  await server.connect(transport);
  await transport.handleRequest(request, response);
}).listen(process.env.PORT);
