import type { Mutant } from "../mutant.ts";

export const threadWithoutItsOwner: Mutant = {
  name: "thread without its owner",
  breaks:
    "Events are routed by the id of their thread alone: users who name theirs alike hear each other.",
  killedBy: "1.1",
  as: "leak",
  changes: [
    {
      file: "connection/feed.ts",
      find: "const PAGE = Object.freeze({ maxRecords: 256",
      replace: `const audiences = new Map<string, Map<Connection, UserStream>>();
const PAGE = Object.freeze({ maxRecords: 256`,
    },
    {
      file: "connection/feed.ts",
      find: "    if (frame !== undefined && !this.#connection.push(frame)) return false;",
      replace: `    if (frame !== undefined && !this.#connection.push(frame)) return false;
    const audience = audiences.get(record.threadId) ?? new Map<Connection, UserStream>();
    audiences.set(record.threadId, audience.set(this.#connection, this.#stream));
    for (const [each, stream] of audience) {
      if (stream !== this.#stream && frame !== undefined) each.push(frame);
    }`,
    },
  ],
};
