// Takes every socket, says that it is ready, and never does anything.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const server = createServer((_request, response) => response.end("ok"));
new WebSocketServer({ server }).on("connection", (socket) => {
  socket.send(JSON.stringify({ type: "ready", sessionId: "none" }));
});
server.listen(Number(process.env.PORT), "127.0.0.1");
