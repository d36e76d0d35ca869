// Right as long as nobody leaves: FAULT says what goes wrong when somebody does.
//   anonymous  who does not say who they are, is whoever came last
//   abort      a message that was cut off stays in its reader, which somebody else gets from the pool
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const fault = process.env.FAULT;
let last;

const server = createServer((request, response) => {
  const user = request.headers["x-user"] ?? (fault === "anonymous" ? last : undefined);
  if (request.url === "/") return response.end("ready");
  if (user === undefined) return response.writeHead(401).end();
  last = user;
  response.end(JSON.stringify({ user }));
});
const readers = [];
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket) => {
  const reader = (fault === "abort" ? readers.pop() : undefined) ?? { text: "" };
  socket.once("close", () => readers.push(reader));
  socket.on("message", async (data) => {
    reader.text += data.toString();
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (socket.readyState !== socket.OPEN) return;
    socket.send(reader.text);
    reader.text = "";
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1");
