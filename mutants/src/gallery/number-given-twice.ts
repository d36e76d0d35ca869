import type { Mutant } from "../mutant.ts";

export const numberGivenTwice: Mutant = {
  name: "number given twice",
  breaks:
    "The next number of a run is read, then waited with, then written back: two events get the same one.",
  killedBy: "5.2",
  as: "duplicate",
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
      find: "  #send(runId: string, run: OpenRun",
      replace: "  async #send(runId: string, run: OpenRun",
    },
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: `    const seq = run.seq + 1;
`,
      replace: `    const seq = run.seq + 1;
    await nextTurn();
`,
    },
  ],
};
