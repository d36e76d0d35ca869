import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Question, ServerMessage, ServerOptions, ServerState } from "./messages.ts";

/** What the server told its operator, or did by itself. */
export interface Trouble {
  readonly stage: string;
  readonly code: string;
  readonly message: string;
}

const SERVER = fileURLToPath(new URL("./server.js", import.meta.url));
const HEAP_MEGABYTES = 256;
const MAX_STDERR = 4000;
const ANSWER_MS = 15_000;

/** The server under attack, in a process with little memory. */
export class FuzzedServer {
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;
  readonly #onTrouble: (trouble: Trouble) => void;
  #stderr = "";
  #isStopped = false;
  #isAlive = true;

  constructor(options: ServerOptions, onTrouble: (trouble: Trouble) => void) {
    this.#onTrouble = onTrouble;
    this.#child = fork(SERVER, [JSON.stringify(options)], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: ["--expose-gc", `--max-old-space-size=${HEAP_MEGABYTES}`],
    });
    this.#child.stderr?.on("data", (text: Buffer) => {
      this.#stderr = (this.#stderr + text.toString()).slice(-MAX_STDERR);
    });
    this.#gone = once(this.#child, "close");
    this.#child.on("message", (message: ServerMessage) => {
      if (message.type === "trouble") onTrouble(message);
    });
    this.#child.once("close", (code, signal) => this.#end(code, signal));
  }

  /** The process has not ended. */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Resolves with the port. */
  async listening(): Promise<number> {
    return (await this.#hear("listening")).port;
  }

  /** What the server has in its tables and memory; rejects if it does not answer. */
  async state(): Promise<ServerState> {
    const heard = this.#hear("state");
    this.#ask({ ask: "state" });
    return (await heard).state;
  }

  /** Erases these users. */
  async forget(users: readonly string[]): Promise<void> {
    const heard = this.#hear("forgotten");
    this.#ask({ ask: "forget", users });
    await heard;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#child.kill("SIGKILL");
    await this.#gone;
  }

  #ask(question: Question): void {
    if (this.#child.connected) this.#child.send(question);
  }

  #hear<T extends ServerMessage["type"]>(type: T): Promise<ServerMessage & { readonly type: T }> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        clearTimeout(timer);
        this.#child.off("message", hear).off("close", fail);
        end();
      };
      const hear = (message: ServerMessage): void => {
        if (message.type === type) settle(() => resolve(message as never));
      };
      const fail = (): void => settle(() => reject(new Error(`The server did not tell: ${type}`)));
      const timer = setTimeout(fail, ANSWER_MS);
      this.#child.on("message", hear).once("close", fail);
    });
  }

  #end(code: number | null, signal: string | null): void {
    this.#isAlive = false;
    if (this.#isStopped) return;
    const message = `ended with ${signal ?? code}: ${this.#stderr}`;
    this.#onTrouble({ stage: "exit", code: String(signal ?? code), message });
  }
}
