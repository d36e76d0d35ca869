import type { Mutant } from "../mutant.ts";

export const lateLeak: Mutant = {
  name: "late leak",
  breaks: "More than half a second after a run has ended, another user is told of its end.",
  killedBy: "2.1",
  as: "leak",
  changes: [
    {
      file: "connection/feed.ts",
      find: "const PAGE = Object.freeze({ maxRecords: 256",
      replace: `const present = new Map<Connection, UserStream>();
const PAGE = Object.freeze({ maxRecords: 256`,
    },
    {
      file: "connection/feed.ts",
      find: "    this.#unfollow = stream.follow(",
      replace: `    present.set(connection, stream);
    void connection.closed.then(() => present.delete(connection));
    this.#unfollow = stream.follow(`,
    },
    {
      file: "connection/feed.ts",
      find: "    if (frame !== undefined && !this.#connection.push(frame)) return false;",
      replace: `    if (frame !== undefined && !this.#connection.push(frame)) return false;
    if (frame?.includes("RUN_FINISHED") === true) {
      setTimeout(() => {
        [...present].find(([, stream]) => stream !== this.#stream)?.[0].push(frame);
      }, 600).unref();
    }`,
    },
  ],
};
