// Knows who asks, and has no chat: what comes after the first answer of a user can't be seen.
import { createServer } from "node:http";

const server = createServer((request, response) => {
  if (request.url !== "/me") response.statusCode = 404;
  response.end(JSON.stringify({ user: request.headers.user, path: request.url }));
});
server.listen(Number(process.env.PORT), "127.0.0.1");
