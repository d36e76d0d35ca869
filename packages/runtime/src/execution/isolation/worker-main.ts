import { parentPort } from "node:worker_threads";
import type { ToCell } from "./cell-messages.ts";
import { Guest } from "./guest.ts";

/** The first file of a worker thread that an agent runs in. */
const port = parentPort;
if (port !== null) {
  const guest = new Guest((message) => port.postMessage(message));
  port.on("message", (message: ToCell) => guest.receive(message));
}
