// A correct little server with notes, pages, uploads and a stream. FLAW says what is careless about it:
//   line     who asks is remembered by connection
//   upload   the user of a body is whoever began to send one last
//   stream   news go to the stream that was opened last
//   aborted  what a page was made with stays when its reader goes away
//   broken   what failed stays, and is shown in the next error
//   ids      a note is looked up by its id alone
//   glued    requests under way are told apart by a text made of their headers
//   bytes    requests under way are told apart by their body, read as text
//   plain    answers are kept by their path
//   taken    a name can be had once; that is no leak, but then nothing is shown of equal names
import { createServer } from "node:http";

const flaw = process.env.FLAW;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const notes = new Map();
const streams = new Map();
const names = new Map();
const pending = new Map();
const kept = new Map();
let uploader;
let newest;
let page;
let failed;

async function readBytes(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function readBody(request) {
  return (await readBytes(request)).toString();
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => {
    response.statusCode = 400;
    response.end(`that did not work${flaw === "broken" && failed ? ` (${failed})` : ""}`);
    failed = request.headers["x-user"];
  });
});

async function answer(request, response) {
  const socket = request.socket;
  const said = request.headers["x-user"];
  if (flaw === "line") socket.user ??= said;
  const user = flaw === "line" ? socket.user : said;
  const { pathname } = new URL(request.url, "http://any");
  if (pathname === "/") return response.end("ready");
  if (pathname === "/front") return response.end(`hello ${page ?? "stranger"}`);
  if (user === undefined) return response.writeHead(401).end("who are you?");
  if (pathname === "/events") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(": welcome\n\n");
    newest = response;
    const own = streams.get(user) ?? new Set();
    streams.set(user, own.add(response));
    response.once("close", () => {
      own.delete(response);
      if (own.size === 0) streams.delete(user);
    });
    return;
  }
  if (pathname === "/page") {
    if (flaw === "aborted") page = user;
    response.write(`<p>${user}</p>${"x".repeat(100_000)}`);
    await wait(20);
    if (!response.destroyed) page = undefined;
    return response.end();
  }
  if (pathname === "/notes" && request.method === "POST") {
    if (flaw === "upload") uploader = user;
    const { text } = JSON.parse(await readBody(request));
    const owner = flaw === "upload" ? uploader : user;
    const id = String(notes.size + 1);
    notes.set(id, { owner, text });
    const told = flaw === "stream" ? [newest] : (streams.get(user) ?? []);
    for (const stream of told) stream.write(`data: ${JSON.stringify({ saved: text })}\n\n`);
    return response.end(JSON.stringify({ id, owner }));
  }
  if (pathname.startsWith("/notes/")) {
    const note = notes.get(pathname.split("/")[2]);
    if (note === undefined || (note.owner !== user && flaw !== "ids" && flaw !== "upload")) {
      return response.writeHead(404).end("no such note");
    }
    return response.end(note.text);
  }
  if (pathname === "/me") {
    if (flaw === "plain") return response.end(kept.get(pathname) ?? keep(pathname, user));
    return response.end(user);
  }
  if (pathname === "/names") {
    const { name } = JSON.parse(await readBody(request));
    const owner = names.get(name) ?? user;
    names.set(name, owner);
    const isTaken = flaw === "taken" && owner !== user;
    return response.writeHead(isTaken ? 409 : 200).end(isTaken ? "taken" : user);
  }
  if (pathname === "/search") return response.end(await search(request.headers));
  if (pathname === "/print") return response.end(await print(await readBytes(request)));
  response.writeHead(404).end("not found");
}

async function print(bytes) {
  const key = `print ${bytes.toString(flaw === "bytes" ? "utf8" : "latin1")}`;
  const result = pending.get(key) ?? wait(30).then(() => bytes);
  pending.set(key, result);
  try {
    return await result;
  } finally {
    pending.delete(key);
  }
}

function keep(path, text) {
  kept.set(path, text);
  return text;
}

async function search({ "x-first": first, "x-second": second }) {
  const headers = Object.entries({ "x-first": first, "x-second": second }).filter(
    ([, value]) => value,
  );
  const key =
    flaw === "glued"
      ? headers.map(([name, value]) => `${name}=${value}`).join("&")
      : JSON.stringify(headers);
  const result = pending.get(key) ?? wait(30).then(() => JSON.stringify({ first, second }));
  pending.set(key, result);
  try {
    return await result;
  } finally {
    pending.delete(key);
  }
}

server.listen(Number(process.env.PORT), "127.0.0.1");
