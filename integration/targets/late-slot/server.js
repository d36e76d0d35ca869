// Keeps whom it serves in a module variable while it looks something up: a lookup so short that the
// next user hardly ever comes in between, until a disk has a slow day.
import { access } from "node:fs/promises";
import { createServer } from "node:http";

let serving;

const server = createServer(async (request, response) => {
  const motto = new URL(request.url, "http://localhost").searchParams.get("motto");
  if (motto === null) return response.end("ready");
  serving = motto;
  await access(".");
  response.end(JSON.stringify({ motto: serving }));
});
server.listen(Number(process.env.PORT), "127.0.0.1");
