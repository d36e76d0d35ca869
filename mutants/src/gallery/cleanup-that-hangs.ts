import type { Mutant } from "../mutant.ts";

export const cleanupThatHangs: Mutant = {
  name: "cleanup that hangs on a dead socket",
  breaks: "A connection is released when its peer has said goodbye; a peer that is cut never does.",
  killedBy: "3.1",
  as: "retained",
  changes: [
    {
      file: "connection/web-socket-transport.ts",
      find: `    else socket.once("close", () => onClose());`,
      replace: `    else socket.once("close", (code) => void (code !== 1006 && onClose()));`,
    },
  ],
};
