// A mail order house: pages are rendered on the server, and whose page it is stands in a context.
import { setTimeout as wait } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { createContext, jsx, useContext } from "hono/jsx";

const Customer = createContext("nobody");

async function loadOrders() {
  await wait(10 + 50 * Math.random());
  return ["teapot", "lamp"];
}

function Order({ title }) {
  return jsx("li", {}, title);
}

async function Orders() {
  const titles = await loadOrders();
  const customer = useContext(Customer);
  const items = titles.map((title) => jsx(Order, { title }));
  return jsx("section", {}, jsx("h1", {}, `Orders of ${customer}`), jsx("ul", {}, ...items));
}

const app = new Hono();
app.get("/healthz", (c) => c.text("ok"));
app.get("/orders", async (c) => {
  const customer = c.req.header("authorization")?.replace(/^Bearer /, "");
  if (customer === undefined) return c.text("sign in first", 401);
  const page = jsx(Customer.Provider, { value: customer }, jsx(Orders, {}));
  return c.html(await page.toString());
});
serve({ fetch: app.fetch, port: Number(process.env.PORT) });
