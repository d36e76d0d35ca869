import type { Mutant } from "../mutant.ts";

export const lockAroundEachEvent: Mutant = {
  name: "lock around each event",
  breaks: "Events of all users are written one at a time, twenty milliseconds each.",
  killedBy: "6.1",
  as: "contention",
  changes: [
    {
      file: "connection/web-socket-manager.ts",
      find: `import { randomUUID } from "node:crypto";
`,
      replace: `import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
`,
    },
    {
      file: "connection/web-socket-manager.ts",
      find: "const MIB = 1024 * 1024;",
      replace: `const MIB = 1024 * 1024;
let lock: Promise<void> = Promise.resolve();`,
    },
    {
      file: "connection/web-socket-manager.ts",
      find: "    const result = await stream.append(record);",
      replace: `    lock = lock.then(() => delay(20));
    await lock;
    const result = await stream.append(record);`,
    },
  ],
};
