// A shop's help desk: each visitor writes to the staff, and finds the conversation again in another tab.
import { createServer } from "node:http";
import { Server } from "socket.io";

const histories = new Map();

function historyOf(user) {
  const known = histories.get(user) ?? [];
  histories.set(user, known);
  return known;
}

const server = createServer();
const io = new Server(server);

io.on("connection", async (socket) => {
  const { user } = socket.handshake.auth;
  const history = historyOf(user);
  await socket.join(`visitor ${user}`);
  socket.emit("history", history);
  socket.on("ask", (text) => {
    history.push({ by: user, text });
    history.splice(0, history.length - 20);
    io.to(`visitor ${user}`).emit("message", { by: user, text });
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1");
