// A ticket counter: asks a price service under its own account, and hands on what the customer's browser says in headers.
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { Agent, interceptors, request } from "undici";

const prices = createServer(async (query, answer) => {
  await wait(10 + 50 * Math.random());
  const { "x-basket": basket, "x-voucher": voucher } = query.headers;
  answer.writeHead(200, { "content-type": "application/json" });
  answer.end(JSON.stringify({ basket, voucher, total: voucher === undefined ? 80 : 60 }));
}).listen(0, "127.0.0.1");
await once(prices, "listening");
const origin = `http://127.0.0.1:${prices.address().port}`;
const dispatcher = new Agent().compose(interceptors.deduplicate());

createServer(async (query, answer) => {
  if (query.url === "/healthz") return answer.end("ok");
  if (query.url !== "/quote" || query.headers.authorization === undefined) {
    return answer.writeHead(401).end();
  }
  const said = ["x-basket", "x-voucher"].filter((name) => query.headers[name] !== undefined);
  const headers = Object.fromEntries(said.map((name) => [name, query.headers[name]]));
  headers["x-api-key"] = "counter-7";
  const quote = await request(`${origin}/quote`, { dispatcher, headers });
  answer.writeHead(quote.statusCode, { "content-type": "application/json" });
  answer.end(await quote.body.text());
}).listen(process.env.PORT);
