import type { Mutant } from "../mutant.ts";

export const reorder: Mutant = {
  name: "reorder",
  breaks: "The results of tools are written three milliseconds later; what follows overtakes them.",
  killedBy: "2.1",
  as: "reorder",
  changes: [
    {
      file: "connection/web-socket-transport.ts",
      find: "    else this.#socket.send(frame);",
      replace: `    else if (!frame.includes("TOOL_CALL_RESULT")) this.#socket.send(frame);
    else setTimeout(() => this.#socket.send(frame), 3);`,
    },
  ],
};
