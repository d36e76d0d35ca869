import type { Mutant } from "../mutant.ts";

export const cacheWithoutItsOwner: Mutant = {
  name: "cache without its owner",
  breaks:
    "Written frames are kept by run id and number alone: users who name their runs alike get the first one's answer.",
  killedBy: "2.1",
  as: "leak",
  changes: [
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: "interface OpenRun {",
      replace: `const written = new Map<string, string>();

interface OpenRun {`,
    },
    {
      file: "bridge/agent-web-socket-bridge.ts",
      find: "    const frame = JSON.stringify({ ...rest, metadata: { ...own, threadId, runId, seq } });",
      replace: `    const place = \`\${runId} \${seq}\`;
    const frame =
      written.get(place) ?? JSON.stringify({ ...rest, metadata: { ...own, threadId, runId, seq } });
    written.set(place, frame);`,
    },
  ],
};
