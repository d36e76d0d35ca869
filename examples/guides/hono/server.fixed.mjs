// Notes, and an event stream that tells a user's other tabs of each new one.
import { EventEmitter } from "node:events";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";

const notes = new EventEmitter().setMaxListeners(0);

const app = new Hono();
app.use(async (c, next) => {
  c.set("user", c.req.header("authorization")?.replace("Bearer ", ""));
  await next();
});
app.get("/events", (c) => {
  const topic = `added by ${c.get("user")}`;
  return streamSSE(c, async (stream) => {
    const tell = (note) => stream.writeSSE({ event: "note", data: JSON.stringify(note) });
    notes.on(topic, tell);
    await new Promise((resolve) => stream.onAbort(resolve));
    notes.off(topic, tell);
  });
});
app.post("/notes", async (c) => {
  const { text } = await c.req.json();
  const note = { by: c.get("user"), text };
  notes.emit(`added by ${note.by}`, note);
  return c.json(note, 201);
});
serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: "127.0.0.1" });
