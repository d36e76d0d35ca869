import type { Mutant } from "../mutant.ts";

export const twoResidentsOfOneUser: Mutant = {
  name: "two residents of one user",
  breaks: "Two devices that come at once find nobody there, and each of them makes the user anew.",
  killedBy: "5.1",
  as: "loss",
  changes: [
    {
      file: "http/resident-users.ts",
      find: "import type { UserContext }",
      replace: `import { setImmediate as nextTurn } from "node:timers/promises";
import type { UserContext }`,
    },
    {
      file: "http/resident-users.ts",
      find: `    const known = this.#residents.get(user.key);
    if (known !== undefined) return known;
    const resident`,
      replace: `    return this.#residents.get(user.key) ?? this.#make(user);
  }

  async welcome(user: UserContext): Promise<ResidentUser> {
    const known = this.#residents.get(user.key);
    if (known !== undefined) return known;
    await nextTurn();
    return this.#make(user);
  }

  #make(user: UserContext): ResidentUser {
    const resident`,
    },
    {
      file: "http/upgrade-handler.ts",
      find: "const resident = residents.enter(user);",
      replace: "const resident = await residents.welcome(user);",
    },
  ],
};
