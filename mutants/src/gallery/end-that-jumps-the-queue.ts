import type { Mutant } from "../mutant.ts";

export const endThatJumpsTheQueue: Mutant = {
  name: "end that jumps the queue",
  breaks: "The end of a run is urgent: what still waits to be written before it is thrown away.",
  killedBy: "2.1",
  as: "loss",
  changes: [
    {
      file: "event-log/user-stream.ts",
      find: "    this.#runs.expect(record);",
      replace: `    if (record.kind === "end") this.#pending.length = 0;
    this.#runs.expect(record);`,
    },
  ],
};
