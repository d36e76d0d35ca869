// Answers every frame on the socket that it came from. Of the third crowd of new users, one frame goes
// to somebody else, too.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const known = new Set();
let crowds = 0;
let leaks = 0;

const server = createServer((_request, response) => response.end("ok"));
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket, request) => {
  const user = request.headers["x-user"];
  if (user.startsWith("user-00-") && !known.has(user)) {
    known.add(user);
    crowds += 1;
  }
  socket.on("message", (data) => {
    socket.send(data, { binary: false });
    const other = [...sockets.clients].find(
      (client) => client !== socket && client.readyState === 1,
    );
    if (crowds !== 3 || leaks > 0 || other === undefined) return;
    leaks += 1;
    other.send(data, { binary: false });
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1");
