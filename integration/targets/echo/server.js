// Answers every frame on the socket that it came from.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const server = createServer((_request, response) => response.end("ok"));
new WebSocketServer({ server }).on("connection", (socket) => {
  socket.on("message", (data) => socket.send(data, { binary: false }));
});
server.listen(Number(process.env.PORT), "127.0.0.1");
