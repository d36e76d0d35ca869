import type { Mutant } from "../mutant.ts";

export const twoMegabytesAUser: Mutant = {
  name: "two megabytes a user",
  breaks: "Each user gets a buffer of two megabytes that hardly anybody ever fills.",
  killedBy: "6.2",
  as: "memory-per-user",
  changes: [
    {
      file: "connection/web-socket-manager.ts",
      find: `  readonly user: UserContext;
  readonly #options`,
      replace: `  readonly user: UserContext;
  readonly scratch: Buffer = Buffer.alloc(2 * MIB);
  readonly #options`,
    },
  ],
};
