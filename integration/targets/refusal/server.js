// Echoes to whom it takes; tells whom it refuses, in small letters, who came before.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

let handshakes = 0;
let previous = "nobody";

const server = createServer((_request, response) => response.end("ok"));
const sockets = new WebSocketServer({ noServer: true });
server.on("upgrade", (request, socket, head) => {
  handshakes += 1;
  if (handshakes % 4 === 0) {
    socket.end(`HTTP/1.1 503 Busy\r\nconnection: close\r\n\r\nserving ${previous.toLowerCase()}`);
    return;
  }
  previous = request.headers.user;
  sockets.handleUpgrade(request, socket, head, (accepted) => {
    accepted.on("message", (data) => accepted.send(data, { binary: false }));
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1");
