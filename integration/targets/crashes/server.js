// An echo that falls over at the fifth frame.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

let frames = 0;
const server = createServer((_request, response) => response.end("ok"));
new WebSocketServer({ server }).on("connection", (socket) => {
  socket.on("message", (data) => {
    frames += 1;
    if (frames === 5) throw new Error("the fifth frame");
    socket.send(data, { binary: false });
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1");
