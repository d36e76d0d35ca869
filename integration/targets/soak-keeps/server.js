// Answers every frame on the socket that it came from. From the second crowd of new users on, some are
// greeted with a frame of somebody of the first, who left long ago.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const crowds = new Set();
let greeting;

const server = createServer((_request, response) => response.end("ok"));
new WebSocketServer({ server }).on("connection", (socket, request) => {
  const user = request.headers["x-user"];
  if (user.startsWith("user-00-")) crowds.add(user);
  if (crowds.size > 1 && user.startsWith("user-01-")) socket.send(greeting, { binary: false });
  socket.on("message", (data) => {
    if (user.startsWith("user-00-")) greeting ??= data;
    socket.send(data, { binary: false });
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1");
