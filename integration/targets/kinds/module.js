// Tells everybody the last two mottos, whoever said them.
import { createServer } from "node:http";

const mottos = [];

const server = createServer((request, response) => {
  mottos.push(new URL(request.url, "http://localhost").searchParams.get("motto"));
  response.end(JSON.stringify(mottos.slice(-2)));
});
server.listen(Number(process.env.PORT), "127.0.0.1");
