// A shop's search and account pages. Answers are kept for a second.
import express from "express";

const cache = new Map();

const app = express();
app.use((request, _response, next) => {
  request.user = request.get("authorization")?.replace("Bearer ", "");
  next();
});
app.use((request, response, next) => {
  const key = `${request.user} ${request.originalUrl}`;
  const known = cache.get(key);
  if (known !== undefined) return response.json(known);
  const json = response.json.bind(response);
  response.json = (answer) => {
    cache.set(key, answer);
    setTimeout(() => cache.delete(key), 1000);
    return json(answer);
  };
  next();
});
app.get("/search", (request, response) => {
  response.json({ found: [], searched: request.query.q });
});
app.get("/account", (request, response) => {
  response.json({ name: request.user });
});
app.listen(Number(process.env.PORT), "127.0.0.1");
