// A published MCP server as it is, with a stand-in for the service behind it; one server object takes a new transport with each request.
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

const libraries = createServer(async (query, answer) => {
  await wait(10 + 50 * Math.random());
  const owner = query.headers.authorization?.replace(/^Bearer /, "");
  const library = {
    id: `/${owner}/handbook`,
    title: `Handbook of ${owner}`,
    description: "private",
  };
  const numbers = { totalTokens: 900, totalSnippets: 12, trustScore: 7, stars: 3 };
  answer.writeHead(200, { "content-type": "application/json" });
  answer.end(JSON.stringify({ results: [{ ...library, ...numbers, state: "finalized" }] }));
}).listen(0, "127.0.0.1");
await once(libraries, "listening");

process.env.CONTEXT7_API_URL = `http://127.0.0.1:${libraries.address().port}/api`;
process.argv.push("--transport", "http", "--port", process.env.PORT);
await import("@upstash/context7-mcp/dist/index.js");
