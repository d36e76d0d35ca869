// Every 97th message goes to whoever wrote the one before.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

let messages = 0;
let previous;

const server = createServer((_request, response) => response.end("ready"));
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket) => {
  socket.on("message", (data) => {
    messages += 1;
    const receiver = messages % 97 === 0 && previous?.readyState === 1 ? previous : socket;
    previous = socket;
    socket.send(data.toString());
    if (receiver !== socket) receiver.send(data.toString());
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1");
