import type { Mutant } from "../mutant.ts";

export const managersBeforeOneTable: Mutant = {
  name: "managers before one table",
  breaks: "Each user has a manager, and all managers keep what they feed in one table.",
  killedBy: "3.1",
  as: "shared-state",
  changes: [
    {
      file: "connection/web-socket-manager.ts",
      find: "const MIB = 1024 * 1024;",
      replace: `const MIB = 1024 * 1024;
const everyFeed = new Map<string, Feed>();`,
    },
    {
      file: "connection/web-socket-manager.ts",
      find: "  readonly #feeds = new Map<string, Feed>();",
      replace: "  readonly #feeds = everyFeed;",
    },
  ],
};
