import type { Mutant } from "../mutant.ts";

export const mailboxForEverybodyElse: Mutant = {
  name: "mailbox for everybody else",
  breaks: "Each user keeps a mailbox for each other user, in case they talk one day.",
  killedBy: "6.2",
  as: "memory-per-user",
  changes: [
    {
      file: "http/resident-user.ts",
      find: "  readonly #parts: ResidentParts;",
      replace: `  readonly mailboxes: Uint8Array[] = [];
  readonly #parts: ResidentParts;`,
    },
    {
      file: "http/resident-users.ts",
      find: "    this.#residents.set(user.key, resident);",
      replace: `    for (const other of this.#residents.values()) {
      other.mailboxes.push(new Uint8Array(32 * 1024));
      resident.mailboxes.push(new Uint8Array(32 * 1024));
    }
    this.#residents.set(user.key, resident);`,
    },
  ],
};
