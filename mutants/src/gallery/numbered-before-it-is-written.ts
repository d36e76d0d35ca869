import type { Mutant } from "../mutant.ts";

export const numberedBeforeItIsWritten: Mutant = {
  name: "numbered before it is written",
  breaks: "An event has its number before it waits to be written, and the next one overtakes it.",
  killedBy: "5.2",
  as: "reorder",
  changes: [
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: `import { randomUUID } from "node:crypto";
`,
      replace: `import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
`,
    },
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: "    return this.#manager.publish(this.user, { ...record, kind });",
      replace:
        "    return nextTurn().then(() => this.#manager.publish(this.user, { ...record, kind }));",
    },
  ],
};
