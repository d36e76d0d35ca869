// Echoes, and tells everybody who is still there when somebody leaves.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const server = createServer((_request, response) => response.end("ok"));
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket, request) => {
  socket.on("message", (data) => socket.send(data, { binary: false }));
  socket.on("close", () => {
    for (const other of sockets.clients) other.send(JSON.stringify({ left: request.headers.user }));
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1");
