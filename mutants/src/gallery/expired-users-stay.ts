import type { Mutant } from "../mutant.ts";

export const expiredUsersStay: Mutant = {
  name: "expired users stay",
  breaks: "Sessions expire, but the table of sessions keeps everybody who ever had one.",
  killedBy: "4.2",
  as: "retained",
  changes: [
    {
      file: "drivers/memory/memory-session-store.ts",
      find: `    apply(change);
    this.#release(user, slot);`,
      replace: "    apply(change);",
    },
  ],
};
