import type { Mutant } from "../mutant.ts";

export const lossOfOnePercent: Mutant = {
  name: "loss of one percent",
  breaks: "Every hundredth frame of the process is never written, although it counts as delivered.",
  killedBy: "2.1",
  as: "loss",
  changes: [
    {
      file: "connection/feed.ts",
      find: "const PAGE = Object.freeze({ maxRecords: 256",
      replace: `let framesWritten = 0;
const PAGE = Object.freeze({ maxRecords: 256`,
    },
    {
      file: "connection/feed.ts",
      find: "    if (frame !== undefined && !this.#connection.push(frame)) return false;",
      replace: `    const isLost = (framesWritten += 1) % 100 === 0;
    if (frame !== undefined && !isLost && !this.#connection.push(frame)) return false;`,
    },
  ],
};
