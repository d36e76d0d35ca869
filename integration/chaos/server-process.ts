import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Go, ServerMessage, ServerOptions } from "./messages.ts";

const SERVER = fileURLToPath(new URL("./server.js", import.meta.url));
const MAX_STDERR = 4000;

/** One life of the server: it loads its code at once, and serves when it is told to. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;
  readonly #listening: Promise<number>;
  #stderr = "";
  #isKilled = false;

  /** `onTrouble` hears of what the server tells its operator, and of an end that nobody wanted. */
  constructor(options: ServerOptions, onTrouble: (stage: string, message: string) => void) {
    const stdio: ("ignore" | "pipe" | "ipc")[] = ["ignore", "ignore", "pipe", "ipc"];
    this.#child = fork(SERVER, [JSON.stringify(options)], { stdio });
    this.#child.stderr?.on("data", (text: Buffer) => {
      this.#stderr = (this.#stderr + text.toString()).slice(-MAX_STDERR);
    });
    this.#gone = once(this.#child, "close");
    this.#listening = new Promise((resolve, reject) => {
      this.#child.on("message", (message: ServerMessage) => {
        if (message.type === "listening") resolve(message.port);
        else onTrouble(message.stage, message.message);
      });
      this.#child.once("close", (code, signal) => {
        reject(new Error(`The server ended with ${signal ?? code} before it listened`));
        if (!this.#isKilled) onTrouble("exit", `ended with ${signal ?? code}: ${this.#stderr}`);
      });
    });
    // One that is killed while it starts never listens, and nobody may be waiting.
    this.#listening.catch(() => {});
  }

  /** The one before is gone: open the log and listen. */
  go(message: Go): void {
    this.#child.send(message);
  }

  /** Resolves with the port; rejects if it ends before. */
  listening(): Promise<number> {
    return this.#listening;
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#isKilled = true;
    this.#child.kill("SIGKILL");
    await this.#gone;
  }
}
