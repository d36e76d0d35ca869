// Answers everybody with an error: nothing foreign is seen, but nothing is proved either.
import { createServer } from "node:http";

const server = createServer((_request, response) => response.writeHead(500).end("out of order"));
server.listen(Number(process.env.PORT), "127.0.0.1");
