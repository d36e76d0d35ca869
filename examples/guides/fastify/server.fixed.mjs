// A search with a memory: each user's last ten searches come with the answer.
import Fastify from "fastify";

const DEFAULTS = { theme: "light", recent: [] };
const settings = new Map();

function settingsOf(user) {
  const known = settings.get(user) ?? structuredClone(DEFAULTS);
  settings.set(user, known);
  return known;
}

const app = Fastify();
app.decorateRequest("user", "");
app.addHook("onRequest", async (request) => {
  request.user = request.headers.authorization?.replace("Bearer ", "") ?? "";
});
app.post("/searches", async (request) => {
  const { recent } = settingsOf(request.user);
  recent.unshift(request.body.words);
  recent.splice(10);
  return { found: [], recent };
});
app.get("/settings", async (request) => settingsOf(request.user));
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
