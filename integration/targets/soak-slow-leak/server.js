// Answers every frame on the socket that it came from, and keeps a small note of each connection.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

class Note {
  constructor(at) {
    this.at = at;
    this.lines = Array.from({ length: 20 }, (_, line) => ({ line, at }));
  }
}

const notes = [];

const server = createServer((_request, response) => response.end("ok"));
new WebSocketServer({ server }).on("connection", (socket) => {
  notes.push(new Note(Date.now()));
  socket.on("message", (data) => socket.send(data, { binary: false }));
});
server.listen(Number(process.env.PORT), "127.0.0.1");
