import type { Mutant } from "../mutant.ts";

export const lastEventForTheNext: Mutant = {
  name: "last event for the next",
  breaks: "Whoever connects is shown at once what was said last, whoever it was said to.",
  killedBy: "1.1",
  as: "leak",
  changes: [
    {
      file: "connection/web-socket-manager.ts",
      find: "const MIB = 1024 * 1024;",
      replace: `const MIB = 1024 * 1024;
let lastFrame: string | undefined;`,
    },
    {
      file: "connection/web-socket-manager.ts",
      find: "    const result = await stream.append(record);",
      replace: `    lastFrame = record.frame;
    const result = await stream.append(record);`,
    },
    {
      file: "connection/web-socket-manager.ts",
      find: "    this.#feeds.set(connection.id, new Feed(stream, connection, { after, rendering, onLost }));",
      replace: `    if (lastFrame !== undefined) connection.push(lastFrame);
    this.#feeds.set(connection.id, new Feed(stream, connection, { after, rendering, onLost }));`,
    },
  ],
};
