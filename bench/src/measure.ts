import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { type Answer, type Contender, EVENTS_PER_USER, type Question } from "./messages.ts";

const SERVER = fileURLToPath(new URL("./server.js", import.meta.url));
/** Questions that every user asks; the first warms the server up and does not count. */
const QUESTIONS = 5;

/**
 * Starts a fresh server, lets `users` connect and all ask at once, several times, and answers what an
 * event that arrived has cost the server, in microseconds of processor time. Throws if one is missing.
 */
export async function measure(contender: Contender, users: number): Promise<number> {
  const server = fork(SERVER, [contender], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  try {
    const { port } = (await hear(server)) as { port: number };
    const names = Array.from({ length: users }, (_, user) => `user-${user}`);
    const sockets = await Promise.all(names.map((name) => connect(port, name)));
    let before = 0;
    for (let question = 0; question < QUESTIONS; question += 1) {
      if (question === 1) before = await cpuMicros(server);
      await Promise.all(sockets.map((socket) => askOnce(socket, `run-${question}`)));
    }
    const used = (await cpuMicros(server)) - before;
    return used / (users * EVENTS_PER_USER * (QUESTIONS - 1));
  } finally {
    server.kill("SIGKILL");
  }
}

async function connect(port: number, name: string): Promise<WebSocket> {
  const options = { headers: { "x-user": name }, perMessageDeflate: false };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, options);
  await once(socket, "open");
  return socket;
}

/** Asks, and counts the events; frames about the run and the socket are not among them. */
async function askOnce(socket: WebSocket, runId: string): Promise<void> {
  const input = { threadId: "thread", runId, messages: [], tools: [], context: [] };
  socket.send(JSON.stringify({ type: "run", agent: "talker", input }));
  await new Promise<void>((resolve, reject) => {
    let events = 0;
    const fail = (code: number): void =>
      reject(new Error(`Expected ${EVENTS_PER_USER} events, got ${events} and a close (${code})`));
    const count = (data: Buffer): void => {
      if (data.includes("TEXT_MESSAGE_CONTENT")) events += 1;
      if (events < EVENTS_PER_USER) return;
      socket.off("message", count).off("close", fail);
      resolve();
    };
    socket.on("message", count).once("close", fail);
  });
}

async function cpuMicros(server: ChildProcess): Promise<number> {
  const heard = hear(server);
  server.send({ ask: "cpu" } satisfies Question);
  return ((await heard) as { cpuMicros: number }).cpuMicros;
}

async function hear(server: ChildProcess): Promise<Answer> {
  const [answer] = (await once(server, "message")) as [Answer];
  return answer;
}
