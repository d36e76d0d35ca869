// Gives everybody their own words back, and forgets nobody: an entry and a timer for each line.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

class Visit {
  constructor(user) {
    this.user = user;
    this.notes = Array.from({ length: 40 }, (_, place) => ({ place, at: Date.now() }));
  }
}

const visits = new Map();

const server = createServer((_request, response) => response.end("ready"));
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket, request) => {
  const user = request.headers["x-user"];
  visits.set(user, new Visit(user));
  setInterval(() => socket.readyState === socket.OPEN && socket.ping(), 60_000).unref();
  socket.on("message", (data) => socket.send(data.toString()));
});
server.listen(Number(process.env.PORT), "127.0.0.1");
