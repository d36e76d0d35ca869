import type { ServerOptions } from "./messages.ts";
import { ServerProcess } from "./server-process.ts";

/** What a server told its operator, or did by itself. */
export interface Trouble {
  readonly stage: string;
  readonly message: string;
}

/** A line that breaks is told to the operator: here that is no news. */
const EXPECTED_STAGES: readonly string[] = Object.freeze(["socket"]);

/** So many have loaded their code, or are loading it: that takes longer than a server may live here. */
const WAITING = 3;

/**
 * A server that is started again at once, on the same folder and port, whenever it was killed. The
 * next one has loaded its code by then, as behind any supervisor that is in a hurry; it opens the log
 * when the one before is gone.
 */
export class KeptServer {
  readonly troubles: Trouble[] = [];
  readonly #options: ServerOptions;
  #port = 0;
  #now: ServerProcess;
  readonly #next: ServerProcess[];

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#now = this.#load();
    this.#next = Array.from({ length: WAITING }, () => this.#load());
  }

  get port(): number {
    return this.#port;
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    this.#now.go({ port: 0 });
    this.#port = await this.#now.listening();
  }

  /** Kills it, however far it has got, and lets the next one begin; does not wait for that to listen. */
  async killAndBegin(): Promise<void> {
    await this.#now.kill();
    this.#now = this.#next.shift() ?? this.#load();
    this.#now.go({ port: this.#port });
    this.#next.push(this.#load());
  }

  /** Resolves when the server of now listens. */
  async listening(): Promise<void> {
    await this.#now.listening();
  }

  /** Kills everything, for good. */
  async stop(): Promise<void> {
    await Promise.all([this.#now, ...this.#next].map((server) => server.kill()));
  }

  #load(): ServerProcess {
    return new ServerProcess(this.#options, (stage, message) => {
      if (!EXPECTED_STAGES.includes(stage)) this.troubles.push({ stage, message });
    });
  }
}
