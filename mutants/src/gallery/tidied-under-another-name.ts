import type { Mutant } from "../mutant.ts";

export const tidiedUnderAnotherName: Mutant = {
  name: "tidied under another name",
  breaks:
    "A user is entered by tenant and name and struck out by name alone, so the entry is never found again.",
  killedBy: "4.1",
  as: "handle-leak",
  changes: [
    {
      file: "session/local-users.ts",
      find: "if (local.isIdle(now)) this.#users.delete(local.user.key);",
      replace: "if (local.isIdle(now)) this.#users.delete(local.user.userId);",
    },
  ],
};
