// Answers every frame on the socket that it came from, and falls over when the third crowd of new users
// is served.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const crowds = new Set();

const server = createServer((_request, response) => response.end("ok"));
new WebSocketServer({ server }).on("connection", (socket, request) => {
  const user = request.headers["x-user"];
  socket.on("message", (data) => {
    if (user.startsWith("user-00-")) crowds.add(user);
    if (crowds.size === 3) throw new Error("the third crowd");
    socket.send(data, { binary: false });
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1");
