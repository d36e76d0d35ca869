// Keeps texts by path. It takes any port, prints which, and ends at a request of the number in ENDS_AT.
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

const kept = new Map();
let requests = 0;

const server = createServer(async (request, response) => {
  requests += 1;
  if (requests === Number(process.env.ENDS_AT)) process.exit(9);
  if (request.method === "PUT") kept.set(request.url, await text(request));
  response.end(kept.get(request.url) ?? process.env.UPSTREAM);
});
server.listen(Number(process.env.PORT), "127.0.0.1", () => {
  console.log(`store is on port ${server.address().port}`);
});
