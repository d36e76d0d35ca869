// The web back end of a shop: one HTTP client with a cache for all customers, in front of the service that has their accounts.
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { Agent, interceptors, request } from "undici";

const accounts = createServer(async (query, answer) => {
  await wait(10 + 50 * Math.random());
  const customer = query.headers.authorization?.replace(/^Bearer /, "");
  answer.writeHead(200, { "content-type": "application/json", "cache-control": "max-age=60" });
  answer.end(
    JSON.stringify({ customer, points: 120, address: `c/o ${customer}, 1 Harbour Street` }),
  );
}).listen(0, "127.0.0.1");
await once(accounts, "listening");
const origin = `http://127.0.0.1:${accounts.address().port}`;
const dispatcher = new Agent().compose(interceptors.cache());

createServer(async (query, answer) => {
  if (query.url === "/healthz") return answer.end("ok");
  const { authorization } = query.headers;
  if (query.url !== "/account" || authorization === undefined) return answer.writeHead(401).end();
  const account = await request(`${origin}/accounts/me`, {
    dispatcher,
    headers: { authorization },
  });
  answer.writeHead(account.statusCode, { "content-type": "application/json" });
  answer.end(await account.body.text());
}).listen(process.env.PORT);
