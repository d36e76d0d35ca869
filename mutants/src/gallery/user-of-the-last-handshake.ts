import type { Mutant } from "../mutant.ts";

export const userOfTheLastHandshake: Mutant = {
  name: "user of the last handshake",
  breaks: "Of several users who connect at once, all are listened to as the one who came last.",
  killedBy: "1.1",
  as: "leak",
  changes: [
    {
      file: "http/upgrade-handler.ts",
      find: "  readonly #open = { connections: 0 };",
      replace: `  readonly #open = { connections: 0 };
  #entering: ResidentUser | undefined;`,
    },
    {
      file: "http/upgrade-handler.ts",
      find: "    const resident = residents.enter(user);",
      replace: `    const resident = residents.enter(user);
    this.#entering = resident;`,
    },
    {
      file: "http/upgrade-handler.ts",
      find: "    new WebSocketDialog(resident, connection, settings).attach(socket);",
      replace: "    new WebSocketDialog(this.#entering, connection, settings).attach(socket);",
    },
  ],
};
