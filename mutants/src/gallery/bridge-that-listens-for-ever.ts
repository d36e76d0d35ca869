import type { Mutant } from "../mutant.ts";

export const bridgeThatListensForEver: Mutant = {
  name: "bridge that listens for ever",
  breaks: "Each bridge listens to something that outlives it, and is never told to stop.",
  killedBy: "3.2",
  as: "retained",
  changes: [
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: `import { randomUUID } from "node:crypto";`,
      replace: `import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";`,
    },
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: "interface OpenRun {",
      replace: `const announcements = new EventEmitter().setMaxListeners(0);

interface OpenRun {`,
    },
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: "    this.#options = options;",
      replace: `    this.#options = options;
    announcements.on("shutdown", () => this.#runs.clear());`,
    },
  ],
};
