// A shop's help desk: each visitor writes to the staff, and finds the conversation again in another tab.
import { createServer } from "node:http";
import { Server } from "socket.io";

const history = [];

const server = createServer();
const io = new Server(server);

io.on("connection", (socket) => {
  const { user } = socket.handshake.auth;
  socket.emit("history", history);
  socket.on("ask", (text) => {
    history.push({ by: user, text });
    history.splice(0, history.length - 20);
    io.emit("message", { by: user, text });
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1");
