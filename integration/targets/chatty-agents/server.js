// A correct back end with manners of its own: no numbers on events, a heartbeat, answers that name the
// user and change their words, and silence where others send errors. TRUST_SESSIONS breaks it: whoever
// names a session is taken for its owner.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { WebSocketServer } from "ws";

const WORDS = ["You said", "I heard", "That was"];

class Desk {
  sockets = new Set();
  runs = new Map();
  answers = 0;

  constructor(user) {
    this.user = user;
  }

  publish(runId, event) {
    const frame = JSON.stringify({ ...event, metadata: { runId } });
    for (const socket of this.sockets) socket.send(frame);
  }

  async run(agent, { runId, messages }) {
    if (this.runs.has(runId)) return;
    const abort = new AbortController();
    this.runs.set(runId, abort);
    const say = (delta) =>
      this.publish(runId, { type: "TEXT_MESSAGE_CONTENT", messageId: runId, delta });
    this.publish(runId, { type: "RUN_STARTED" });
    say(`Hello ${this.user}. `);
    await wait(agent === "slow" ? 1200 : 1, undefined, { signal: abort.signal }).catch(() => {});
    say(`${WORDS[this.answers++ % WORDS.length]} ${messages[0].content}`);
    const type = abort.signal.aborted ? "cancelled" : "success";
    this.publish(runId, { type: "RUN_FINISHED", outcome: { type } });
  }
}

const desks = new Map();
const owners = new Map();

function deskOf(user) {
  const desk = desks.get(user) ?? new Desk(user);
  desks.set(user, desk);
  return desk;
}

function userOf(request) {
  const session = new URL(request.url, "http://localhost").searchParams.get("session");
  const trusted = process.env.TRUST_SESSIONS === "1" ? owners.get(session) : undefined;
  return trusted ?? request.headers.user;
}

const server = createServer((_request, response) => response.end("ok"));
new WebSocketServer({ server, path: "/ws" }).on("connection", (socket, request) => {
  const user = userOf(request);
  const desk = deskOf(user);
  const sessionId = randomUUID();
  owners.set(sessionId, user);
  desk.sockets.add(socket);
  socket.send(JSON.stringify({ type: "ready", sessionId }));
  const beat = setInterval(() => {
    socket.send(JSON.stringify({ type: "heartbeat", at: new Date().toISOString() }));
  }, 100);
  socket.on("close", () => {
    clearInterval(beat);
    desk.sockets.delete(socket);
  });
  socket.on("message", (data) => {
    const frame = JSON.parse(data);
    if (frame.type === "run") void desk.run(frame.agent, frame.input);
    if (frame.type === "cancel") desk.runs.get(frame.runId)?.abort();
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1");
