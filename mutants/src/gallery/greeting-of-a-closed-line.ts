import type { Mutant } from "../mutant.ts";

export const greetingOfAClosedLine: Mutant = {
  name: "greeting of a closed line",
  breaks:
    "A device that leaves as soon as it has come is greeted all the same, and the error ends the server for all.",
  killedBy: "5.1",
  as: "crash",
  changes: [
    {
      file: "http/upgrade-handler.ts",
      find: "import type { IncomingMessage }",
      replace: `import { setImmediate as nextTurn } from "node:timers/promises";
import type { IncomingMessage }`,
    },
    {
      file: "http/upgrade-handler.ts",
      find: "    resident.manager.follow(connection, start);",
      replace: `    resident.manager.follow(connection, start);
    void greet(socket, resident);`,
    },
    {
      file: "http/upgrade-handler.ts",
      find: "/** A browser can't see the status",
      replace: `async function greet(socket: WebSocket, { manager }: ResidentUser): Promise<void> {
  await nextTurn();
  const greeting = { type: "greeting", devices: manager.connections.length };
  socket.send(JSON.stringify(greeting), (error) => {
    if (error) throw error;
  });
}

/** A browser can't see the status`,
    },
  ],
};
