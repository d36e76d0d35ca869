import { Agent } from "node:http";
import { Agent as SecureAgent } from "node:https";
import type { UserIdentity } from "./simulated-user.ts";

/** Keep-alive lines to a server, one for every two users: what a proxy does with its clients' requests. */
export class SharedLines {
  readonly #create: () => Agent;
  readonly #lines = new Map<number, Agent>();

  constructor(baseUrl: string) {
    const Line = new URL(baseUrl).protocol === "https:" ? SecureAgent : Agent;
    this.#create = () => new Line({ keepAlive: true, maxSockets: 1 });
  }

  /** The line of a user, and of the user beside. */
  of({ number }: UserIdentity): Agent {
    const pair = Math.floor(number / 2);
    const line = this.#lines.get(pair) ?? this.#create();
    this.#lines.set(pair, line);
    return line;
  }

  close(): void {
    for (const line of this.#lines.values()) line.destroy();
  }
}
