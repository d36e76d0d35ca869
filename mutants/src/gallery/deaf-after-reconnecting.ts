import type { Mutant } from "../mutant.ts";

export const deafAfterReconnecting: Mutant = {
  name: "deaf after reconnecting",
  breaks:
    "Who comes back with a session counts as connected, but hears no more of a run that goes on.",
  killedBy: "1.1",
  as: "loss",
  changes: [
    {
      file: "http/upgrade-handler.ts",
      find: "    resident.manager.follow(connection, start);",
      replace: `    if (query.get("session") === null) resident.manager.follow(connection, start);`,
    },
  ],
};
