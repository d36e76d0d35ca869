import type { Mutant } from "../mutant.ts";

export const lossOfOnePercent: Mutant = {
  name: "loss of one percent",
  breaks: "Every hundredth frame of the process is never written, although it counts as delivered.",
  killedBy: "2.1",
  as: "loss",
  changes: [
    {
      file: "connection/web-socket-manager.ts",
      find: "const MIB = 1024 * 1024;",
      replace: "const MIB = 1024 * 1024;\nlet framesWritten = 0;",
    },
    {
      file: "connection/web-socket-manager.ts",
      find: "if (connection.write(frame)) delivered += 1;",
      replace: "if ((framesWritten += 1) % 100 === 0 || connection.write(frame)) delivered += 1;",
    },
  ],
};
