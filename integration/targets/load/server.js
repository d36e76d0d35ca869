// A back end that is busy and correct: each run costs a little processor time, each user has a desk with
// some memory, those who are connected are told so, and one user's work never waits for another's. FAULT
// breaks it: `lock`, `broadcast`, `scan`, `list` or `queue`.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { WebSocketServer } from "ws";

const { FAULT, PORT } = process.env;
const WORK_MS = 0.5;
const HOLD_MS = 20;
const HEARTBEAT_MS = 200;

class Desk {
  sockets = new Set();
  history = [];
  /** The fault `list`: what this user knows of each other. */
  others = new Map();

  constructor(user) {
    this.user = user;
  }
}

const desks = new Map();

function deskOf(user) {
  const known = desks.get(user);
  if (known !== undefined) return known;
  const desk = new Desk(user);
  if (FAULT === "list") {
    for (const other of desks.values()) {
      other.others.set(user, profileOf(user));
      desk.others.set(other.user, profileOf(other.user));
    }
  }
  desks.set(user, desk);
  return desk;
}

function profileOf(user) {
  return { user, seen: Array.from({ length: 1000 }, () => Math.random()) };
}

let lock = Promise.resolve();

/** The fault `lock`: whoever wants to say something waits until nobody else does. */
function alone(work) {
  const turn = lock.then(() => wait(HOLD_MS)).then(work);
  lock = turn;
  return turn;
}

function write(desk, frame) {
  if (FAULT === "scan") for (const other of desks.values()) address(other, frame);
  const desksToTell = FAULT === "broadcast" ? desks.values() : [desk];
  for (const { sockets } of desksToTell) for (const socket of sockets) socket.send(frame);
}

/** The fault `scan`: for each user it is worked out anew whether a frame is theirs. */
function address(other, frame) {
  for (let time = 0; time < 60; time += 1) JSON.stringify({ ...JSON.parse(frame), to: other.user });
}

async function say(desk, runId, event) {
  const frame = JSON.stringify({ ...event, metadata: { runId } });
  if (FAULT === "lock") await alone(() => write(desk, frame));
  else write(desk, frame);
}

function work() {
  const end = performance.now() + WORK_MS;
  while (performance.now() < end) JSON.stringify({ end });
}

async function run(desk, { runId, messages }) {
  await say(desk, runId, { type: "RUN_STARTED" });
  if (FAULT === "queue") await served(desk);
  work();
  const delta = messages[0].content;
  desk.history.push(delta);
  if (desk.history.length > 10) desk.history.shift();
  await say(desk, runId, { type: "TEXT_MESSAGE_CONTENT", messageId: runId, delta });
  await say(desk, runId, { type: "RUN_FINISHED", outcome: { type: "success" } });
}

/** The fault `queue`: one worker, which serves a user until that user has no more requests. */
const queues = new Map();
let isServing = false;

function served(desk) {
  return new Promise((resolve) => {
    queues.set(desk, [...(queues.get(desk) ?? []), resolve]);
    if (!isServing) void serve();
  });
}

async function serve() {
  isServing = true;
  for (let [next] = queues.keys(); next !== undefined; [next] = queues.keys()) {
    for (let done = queues.get(next).shift(); done; done = queues.get(next).shift()) {
      await wait(HOLD_MS);
      done();
      // Who is served is told, and may ask again, before anybody else has a turn.
      await wait(2);
    }
    queues.delete(next);
  }
  isServing = false;
}

const server = createServer((_request, response) => response.end("ok"));
new WebSocketServer({ server, path: "/ws" }).on("connection", (socket, request) => {
  const desk = deskOf(request.headers.user);
  desk.sockets.add(socket);
  socket.send(JSON.stringify({ type: "ready", sessionId: randomUUID() }));
  const beat = setInterval(() => socket.send('{"type":"heartbeat"}'), HEARTBEAT_MS);
  socket.on("close", () => {
    clearInterval(beat);
    desk.sockets.delete(socket);
    if (desk.sockets.size === 0) leave(desk);
  });
  socket.on("message", (data) => {
    const frame = JSON.parse(data);
    if (frame.type === "run") void run(desk, frame.input);
  });
});

function leave(desk) {
  desks.delete(desk.user);
  for (const { others } of desks.values()) others.delete(desk.user);
}
server.listen(Number(PORT), "127.0.0.1");
