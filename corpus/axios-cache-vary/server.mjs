// The web back end of a library: asks the catalogue in each reader's name, over one client with a cache.
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import axios from "axios";
import { setupCache } from "axios-cache-interceptor";

const catalogue = createServer(async (query, answer) => {
  await wait(10 + 50 * Math.random());
  const reader = query.headers.authorization?.replace(/^Bearer /, "");
  answer.writeHead(200, {
    "content-type": "application/json",
    "cache-control": "max-age=60",
    vary: "Authorization",
  });
  answer.end(JSON.stringify({ reader, lent: ["The Moonstone"], dueInDays: 9 }));
}).listen(0, "127.0.0.1");
await once(catalogue, "listening");
const baseURL = `http://127.0.0.1:${catalogue.address().port}`;
const client = setupCache(axios.create({ baseURL }));

createServer(async (query, answer) => {
  if (query.url === "/healthz") return answer.end("ok");
  const { authorization } = query.headers;
  if (query.url !== "/loans" || authorization === undefined) return answer.writeHead(401).end();
  const { data } = await client.get("/readers/me/loans", { headers: { authorization } });
  answer.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(data));
}).listen(process.env.PORT);
