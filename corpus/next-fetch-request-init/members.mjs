// The service of another team, which knows the members of the club.
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

createServer(async (request, response) => {
  await wait(10 + 50 * Math.random());
  const member = request.headers.authorization?.replace(/^Bearer /, "");
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ member, boat: "Swan", locker: 17 }));
}).listen(process.env.PORT);
