// A correct server that shares a great deal: a cache of public pages, questions in flight, a batcher, a
// pool, a limiter, a ring of log lines. None of it may ever look like a leak.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The oldest of the pages that were looked at longest ago goes first. */
class LeastRecentlyUsed {
  #pages = new Map();
  get(key) {
    const page = this.#pages.get(key);
    if (page === undefined) return undefined;
    this.#pages.delete(key);
    this.#pages.set(key, page);
    return page;
  }
  set(key, page) {
    this.#pages.set(key, page);
    if (this.#pages.size > 8) this.#pages.delete(this.#pages.keys().next().value);
  }
}

/** Four connections to a database; who comes when all are busy waits. */
class Pool {
  #free = ["one", "two", "three", "four"];
  #waiting = [];
  async use(work) {
    const connection = this.#free.pop() ?? (await new Promise((go) => this.#waiting.push(go)));
    try {
      return await work(connection);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(connection);
      else next(connection);
    }
  }
}

/** Joins what is asked for in one turn into one question, and hands each its own answer. */
class Batcher {
  #asked = [];
  #load;
  constructor(load) {
    this.#load = load;
  }
  ask(key) {
    return new Promise((resolve) => {
      this.#asked.push({ key, resolve });
      if (this.#asked.length === 1) setImmediate(() => this.#flush());
    });
  }
  async #flush() {
    const asked = this.#asked;
    this.#asked = [];
    const answers = await this.#load(asked.map(({ key }) => key));
    for (const [place, { resolve }] of asked.entries()) resolve(answers[place]);
  }
}

/** So many requests a user within a moment; a user who has gone is forgotten. */
class Limiter {
  #counts = new Map();
  constructor() {
    setInterval(() => this.#counts.clear(), 250).unref();
  }
  allows(user) {
    const count = (this.#counts.get(user) ?? 0) + 1;
    this.#counts.set(user, count);
    return count <= 1000;
  }
}

const pages = new LeastRecentlyUsed();
const inFlight = new Map();
const pool = new Pool();
const limiter = new Limiter();
const log = Array.from({ length: 64 }, () => "");
let lines = 0;
const sessions = new Map();
const mottos = new Batcher((users) =>
  pool.use(async () => {
    await wait(1);
    return users.map((user) => sessions.get(user)?.motto);
  }),
);
setInterval(() => {
  for (const [user, { seenAt }] of sessions) if (Date.now() - seenAt > 600) sessions.delete(user);
}, 100).unref();

function note(line) {
  log[lines % log.length] = line;
  lines += 1;
}

/** Everybody who wants the same page at the same time waits for the same question. */
async function readPage(id) {
  const known = pages.get(id);
  if (known !== undefined) return known;
  const asked =
    inFlight.get(id) ??
    pool.use(async (connection) => {
      await wait(2);
      return { id, text: `Page ${id} is for everybody`, connection };
    });
  inFlight.set(id, asked);
  const page = await asked;
  inFlight.delete(id);
  pages.set(id, page);
  return page;
}

async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

async function answer(request, user) {
  const [, room, id] = request.url.split("/");
  note(`${request.method} /${room}`);
  if (room === "pages") return readPage(id);
  if (request.method === "PUT") {
    const { motto } = await readBody(request);
    await pool.use(() => wait(1));
    sessions.set(user, { motto, seenAt: Date.now() });
  }
  return { motto: await mottos.ask(user) };
}

const server = createServer(async (request, response) => {
  const user = request.headers["x-user"];
  if (user === undefined) return response.writeHead(401).end();
  if (!limiter.allows(user)) return response.writeHead(429).end();
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(await answer(request, user)));
});
const sockets = new WebSocketServer({ noServer: true });
server.on("upgrade", (request, socket, head) => {
  const user = request.headers["x-user"];
  sockets.handleUpgrade(request, socket, head, (line) => {
    line.on("message", async (data) => {
      note("message");
      const page = await readPage("3");
      line.send(JSON.stringify({ page, said: JSON.parse(data.toString()).text, to: user }));
    });
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1");
