import { request } from "node:http";

const EVERY_MS = 200;

/** Asks a server again and again whether it is well, and remembers how long it took at most. */
export class Pulse {
  readonly #timer: NodeJS.Timeout;
  readonly #asked = new Set<number>();
  #slowestMs = 0;

  constructor(port: number) {
    this.#timer = setInterval(() => this.#ask(port), EVERY_MS);
  }

  /** Ends asking; answers the milliseconds of the slowest answer, those that never came included. */
  stop(): number {
    clearInterval(this.#timer);
    for (const since of this.#asked) this.#note(since);
    return Math.round(this.#slowestMs);
  }

  #ask(port: number): void {
    const since = performance.now();
    this.#asked.add(since);
    const options = { port, host: "127.0.0.1", path: "/healthz", agent: false };
    const asking = request(options, (response) => {
      response.resume().once("close", () => this.#note(since));
    });
    asking.on("error", () => this.#asked.delete(since));
    asking.end();
  }

  #note(since: number): void {
    this.#asked.delete(since);
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - since);
  }
}
