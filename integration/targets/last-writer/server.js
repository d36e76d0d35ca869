// Greets whoever asks, and gives other requests a turn between knowing who it is and saying so.
import { createServer } from "node:http";

let current;

const server = createServer((request, response) => {
  current = new URL(request.url, "http://localhost").searchParams.get("motto");
  setTimeout(() => response.end(JSON.stringify({ motto: current })), 5);
});
server.listen(Number(process.env.PORT), "127.0.0.1");
