import type { Mutant } from "../mutant.ts";

export const timerThatOutlivesItsConnection: Mutant = {
  name: "timer that outlives its connection",
  breaks:
    "The timer that ends a connection with its proof goes on for an hour after the device has left.",
  killedBy: "4.1",
  as: "handle-leak",
  changes: [
    {
      file: "http/close-at.ts",
      find: `  void connection.closed.then(() => clearTimeout(timer));
`,
      replace: `  connection.closed.catch(() => clearTimeout(timer));
`,
    },
  ],
};
