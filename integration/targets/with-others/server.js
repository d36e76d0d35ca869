// Keeps each user's note in a store that runs beside it; with FAULT=one-note, everybody's in one place.
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

const { STORE, MIRROR, FAULT } = process.env;

/** The second store knows the first one; without either, there is nothing to serve. */
const upstream = await (await fetch(MIRROR)).text();
if (upstream !== STORE) throw new Error(`Expected a mirror of ${STORE}, got one of ${upstream}`);

const server = createServer(async (request, response) => {
  const owner = FAULT === "one-note" ? "all" : request.headers["x-user"];
  const place = new URL(encodeURIComponent(owner ?? "nobody"), STORE);
  try {
    const note = await text(request);
    if (request.method === "PUT") await fetch(place, { method: "PUT", body: note });
    response.end(await (await fetch(place)).text());
  } catch {
    response.writeHead(503).end();
  }
});
server.listen(Number(process.env.PORT), "0.0.0.0", () => {
  console.log(`listening at http://0.0.0.0:${server.address().port}/`);
});
