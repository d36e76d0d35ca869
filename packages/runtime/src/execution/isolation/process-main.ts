import { Worker } from "node:worker_threads";
import { type FromCell, plainError, type ToCell } from "./cell-messages.ts";
import { Guest } from "./guest.ts";

/**
 * The first file of a process that an agent runs in. The process, and what it started, ends when the
 * runtime's is gone: it hears of it by the closed channel, or, if the agent leaves it no turn to hear,
 * by a thread that looks.
 */
function endGroup(): void {
  try {
    process.kill(-process.pid, "SIGKILL");
  } catch {
    process.kill(process.pid, "SIGKILL");
  }
}

function send(message: FromCell, sent: () => void = () => {}): void {
  process.send?.(message, undefined, undefined, sent);
}

const guest = new Guest(send);
process.on("message", (message: ToCell) => guest.receive(message));
process.on("disconnect", endGroup);
process.on("uncaughtException", (error) => {
  send({ type: "crash", error: plainError(error) }, endGroup);
});

const watch = `
  const { workerData } = require("node:worker_threads");
  const endGroup = ${endGroup.toString()};
  setInterval(() => (process.ppid === workerData ? undefined : endGroup()), 500);
`;
new Worker(watch, { eval: true, workerData: process.ppid, env: {} }).unref();
