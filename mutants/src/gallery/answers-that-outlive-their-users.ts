import type { Mutant } from "../mutant.ts";

export const answersThatOutliveTheirUsers: Mutant = {
  name: "answers that outlive their users",
  breaks: "The last result of every run is cached by its id, and stays when its user has left.",
  killedBy: "4.2",
  as: "retained",
  changes: [
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: "interface OpenRun {",
      replace: `const lastResults = new Map<string, WireEvent>();

interface OpenRun {`,
    },
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: "    run.items.note(event);",
      replace: `    run.items.note(event);
    if (event.type === EventType.TOOL_CALL_RESULT) lastResults.set(runId, event);`,
    },
  ],
};
