// Answers every frame on every socket.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const server = createServer((_request, response) => response.end("ok"));
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket) => {
  socket.on("message", (data) => {
    for (const other of sockets.clients) other.send(data, { binary: false });
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1");
