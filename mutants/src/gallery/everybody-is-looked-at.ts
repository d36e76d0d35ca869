import type { Mutant } from "../mutant.ts";

export const everybodyIsLookedAt: Mutant = {
  name: "everybody is looked at",
  breaks:
    "To find the one device that an event is for, all devices of all users are compared with all.",
  killedBy: "6.1",
  as: "cost-per-user",
  changes: [
    {
      file: "connection/feed.ts",
      find: "const PAGE = Object.freeze({ maxRecords: 256",
      replace: `const present = new Set<Connection>();
const isSame = (a: string, b: string): boolean =>
  a.localeCompare(b, "en", { sensitivity: "base" }) === 0;
const PAGE = Object.freeze({ maxRecords: 256`,
    },
    {
      file: "connection/feed.ts",
      find: "    this.#unfollow = stream.follow(",
      replace: `    present.add(connection);
    void connection.closed.then(() => present.delete(connection));
    this.#unfollow = stream.follow(`,
    },
    {
      file: "connection/feed.ts",
      find: "    if (frame !== undefined && !this.#connection.push(frame)) return false;",
      replace: `    for (const each of present) {
      const ofId = [...present].filter(({ id }) => isSame(id, each.id));
      const ofSession = [...present].filter(({ sessionId }) => isSame(sessionId, each.sessionId));
      const recipient = ofId.find((other) => ofSession.includes(other) && other === this.#connection);
      if (frame !== undefined && recipient?.push(frame) === false) return false;
    }`,
    },
  ],
};
