import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Answer, Contender, Question, Usage } from "./messages.ts";

const SERVER = fileURLToPath(new URL("./server.js", import.meta.url));

/** One contender in a process of its own. */
export class BenchServer implements Disposable {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(server: ChildProcess, port: number) {
    this.#process = server;
    this.port = port;
  }

  static async start(contender: Contender): Promise<BenchServer> {
    const server = fork(SERVER, [contender], {
      execArgv: ["--expose-gc"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const { port } = (await hear(server)) as { readonly port: number };
    return new BenchServer(server, port);
  }

  async usage(): Promise<Usage> {
    const heard = hear(this.#process);
    this.#process.send({ ask: "usage" } satisfies Question);
    return (await heard) as Usage;
  }

  [Symbol.dispose](): void {
    this.#process.kill("SIGTERM");
  }
}

async function hear(server: ChildProcess): Promise<Answer> {
  const [answer] = (await once(server, "message")) as [Answer];
  return answer;
}
