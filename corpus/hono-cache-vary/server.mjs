// A club with members' pages, signed in by a cookie, behind the cache that its framework brings.
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { cache } from "hono/cache";
import { getCookie, setCookie } from "hono/cookie";

// Node has no Cache API of its own: the three calls of it that the framework makes, in memory.
const stores = new Map();
globalThis.caches = {
  async open(name) {
    const store = stores.get(name) ?? new Map();
    stores.set(name, store);
    return {
      match: async (key) => store.get(key)?.clone(),
      put: async (key, response) => void store.set(key, response),
    };
  },
};

const sessions = new Map();
const app = new Hono();
app.get("/healthz", (c) => c.text("ok"));
app.post("/login", async (c) => {
  const { name } = await c.req.parseBody();
  const session = randomUUID();
  sessions.set(session, name);
  setCookie(c, "session", session, { httpOnly: true });
  return c.redirect("/membership");
});
app.use("/membership", cache({ cacheName: "pages", cacheControl: "max-age=60", wait: true }));
app.get("/membership", async (c) => {
  const member = sessions.get(getCookie(c, "session"));
  if (member === undefined) return c.text("sign in first", 401);
  await wait(10 + 50 * Math.random());
  c.header("Vary", "Cookie");
  return c.json({ member, since: 2019, dues: "paid" });
});
serve({ fetch: app.fetch, port: Number(process.env.PORT) });
