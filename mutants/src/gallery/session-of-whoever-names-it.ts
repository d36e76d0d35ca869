import type { Mutant } from "../mutant.ts";

export const sessionOfWhoeverNamesIt: Mutant = {
  name: "session of whoever names it",
  breaks:
    "A session is resumed for anybody who names its id: the thief hears what its owner hears.",
  killedBy: "1.2",
  as: "leak",
  changes: [
    {
      file: "http/upgrade-handler.ts",
      find: "const CLOSE_GRACE_MS = 1000;",
      replace: `const CLOSE_GRACE_MS = 1000;
const ownerOf = new Map<string, Guest["user"]>();`,
    },
    {
      file: "http/upgrade-handler.ts",
      find: "    const { user, expiresAt, scopes } = guest;",
      replace: `    const { expiresAt, scopes } = guest;
    const user = ownerOf.get(query.get("session") ?? "") ?? guest.user;`,
    },
    {
      file: "http/upgrade-handler.ts",
      find: `    const session = await this.#sessionFor(guest, query.get("session"));`,
      replace: `    const session = await this.#sessionFor({ ...guest, user }, query.get("session"));`,
    },
    {
      file: "http/upgrade-handler.ts",
      find: "    if (session === undefined) return turnAway(socket, CLOSE.sessionUnknown);",
      replace: `    if (session === undefined) return turnAway(socket, CLOSE.sessionUnknown);
    ownerOf.set(session.sessionId, user);`,
    },
  ],
};
