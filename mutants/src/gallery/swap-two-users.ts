import type { Mutant } from "../mutant.ts";

export const swapTwoUsers: Mutant = {
  name: "swap two users",
  breaks: "Two users who are connected at once get the results of each other's tools.",
  killedBy: "2.1",
  as: "swap",
  changes: [
    {
      file: "connection/feed.ts",
      find: "const PAGE = Object.freeze({ maxRecords: 256",
      replace: `const present = new Map<UserStream, Connection>();
const PAGE = Object.freeze({ maxRecords: 256`,
    },
    {
      file: "connection/feed.ts",
      find: "    this.#unfollow = stream.follow(",
      replace: `    present.set(stream, connection);
    void connection.closed.then(() => present.delete(stream));
    this.#unfollow = stream.follow(`,
    },
    {
      file: "connection/feed.ts",
      find: "    if (frame !== undefined && !this.#connection.push(frame)) return false;",
      replace: `    const all = [...present.keys()];
    const isSwapped = frame?.includes("TOOL_CALL_RESULT") === true;
    const partner = isSwapped ? all[all.indexOf(this.#stream) ^ 1] : undefined;
    const target = (partner && present.get(partner)) ?? this.#connection;
    if (frame !== undefined && !target.push(frame)) return false;`,
    },
  ],
};
