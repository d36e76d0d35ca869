// An echo with bad luck: which, says the first argument.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const MEGABYTE = `${"all is well; ".repeat(80_660)}\n`;
const CRASH_AT = 40;

const [luck] = process.argv.slice(2);
let frames = 0;

const server = createServer((_request, response) => {
  if (luck !== "hangs") response.end("ok");
});
if (luck !== "hangs") {
  new WebSocketServer({ server }).on("connection", (socket) => {
    socket.on("message", (data) => {
      frames += 1;
      if (luck === "talks" && frames <= 10) talk(10);
      if (luck === "rejects" && frames % 5 === 0) void Promise.reject(new Error(String(data)));
      if (luck === "crashes" && frames === CRASH_AT) throw new Error(`frame ${CRASH_AT}`);
      socket.send(data, { binary: false });
    });
  });
}
if (luck === "talks") talk(100);
if (luck === "lacks") await import(["@nobody", "has-this", "part"].join("/"));
if (luck === "clings") cling();
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(server.address().port));

function talk(megabytes) {
  for (let line = 0; line < megabytes; line += 1) process.stdout.write(MEGABYTE);
}

/** Neither this process nor its child wants to go, and the child has one, too. */
function cling() {
  process.on("SIGTERM", () => {});
  const stay = `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);`;
  const child = `${stay} require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(stay)}]);`;
  spawn(process.execPath, ["-e", child], { stdio: "ignore" });
}
